//! Collections in the partitions of an index: the key of the table says what an item is.

use structnosql_core::{CachingTable, Collection, TableDataModel};
use structnosql_derive::{Collection, MapModel, TableDataModel};
use structnosql_testkit::{Counted, Reference};

use crate::model::values;

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(key = "TASK#{id}", crate = "structnosql_core")]
struct TaskKey {
    id: String,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(key = "EMPLOYEE#{id}", crate = "structnosql_core")]
struct EmployeeKey {
    id: String,
}

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "office", crate = "structnosql_core")]
struct Employee {
    #[field(partition_key)]
    pk: EmployeeKey,
    #[field(index(name = "by-assigned"))]
    assigned: EmployeeKey,
    #[field(index(name = "by-assigned", sort))]
    rank: String,
    name: String,
}

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "office", crate = "structnosql_core")]
struct Task {
    #[field(partition_key)]
    pk: TaskKey,
    #[field(index(name = "by-assigned"))]
    assigned: Option<EmployeeKey>,
    #[field(index(name = "by-assigned", sort))]
    rank: Option<TaskKey>,
    points: u32,
}

#[derive(Clone, Debug, PartialEq, Collection)]
#[collection(crate = "structnosql_core")]
enum Assignment {
    Employee(Employee),
    Task(Task),
}

fn employee(id: &str) -> EmployeeKey {
    EmployeeKey { id: id.to_owned() }
}

fn task(id: &str, points: u32) -> Task {
    let key = TaskKey { id: id.to_owned() };
    Task { pk: key.clone(), assigned: Some(employee("e1")), rank: Some(key), points }
}

#[tokio::test]
async fn an_index_brings_the_entities_that_stand_together_in_it() {
    let store = Counted::new(Reference::new());
    let employees = CachingTable::<Employee, _>::open(store.clone()).await.unwrap();
    let tasks = CachingTable::<Task, _>::open(store.clone()).await.unwrap();
    let dana = Employee { pk: employee("e1"), assigned: employee("e1"), rank: "0".to_owned(), name: "Dana".to_owned() };
    employees.put_record(&dana).await.unwrap();
    let unassigned = Task { assigned: None, rank: None, ..task("t3", 3) };
    tasks.put_records(&[task("t1", 1), task("t2", 2), unassigned]).await.unwrap();
    employees.clear_cached_data();
    tasks.clear_cached_data();
    store.reset();

    let assignments = Assignment::over((&employees, &tasks)).unwrap();
    // By the index of either: a task's would bring tasks alone, were it not of a collection.
    let page = assignments.query_records(Task::indexes().by_assigned(employee("e1"))).await.unwrap();
    let expected = [Assignment::Employee(dana), Assignment::Task(task("t1", 1)), Assignment::Task(task("t2", 2))];
    assert_eq!(values(page), expected);
    let page = assignments.query_records(Employee::indexes().by_assigned(employee("e1"))).descending().await.unwrap();
    assert_eq!(values(page)[2], expected[0]);
    assert_eq!(store.queries(), 2);
    // A global index may lag behind: what it brings fills what is not known.
    assert_eq!(tasks.get_record(TaskKey { id: "t2".to_owned() }).await.unwrap(), Some(task("t2", 2)));
    assert_eq!(store.requests(), 2);

    // A scan of it leaves out what is not in it.
    assert_eq!(assignments.scan_records().count().await.unwrap(), 4);
    let mut found = values(assignments.scan_records().index("by-assigned").await.unwrap());
    found.sort_by_key(|item| matches!(item, Assignment::Task(task) if task.points == 2));
    assert_eq!((found.len(), &found[2]), (3, &expected[2]));
    assert_eq!(store.scans(), 2);
}
