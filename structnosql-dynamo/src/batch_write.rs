use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::batch_write_item::BatchWriteItemInput;
use aws_sdk_dynamodb::types::{DeleteRequest, PutRequest, WriteRequest};
use structnosql_core::{BatchWrite, BatchWriteRequest, Failure, FailureClass};

use crate::capacity;
use crate::convert::{to_attributes, to_map};
use crate::failure::{classify, unsendable};

pub(crate) async fn batch_write(client: &Client, request: &BatchWriteRequest) -> Result<Vec<BatchWrite>, Failure> {
    let table = request.table.to_string();
    let writes = request.writes.iter().map(to_write).collect::<Result<Vec<_>, _>>()?;
    let call =
        BatchWriteItemInput::builder().request_items(&table, writes).set_return_consumed_capacity(capacity::wanted());
    let output = Box::pin(call.send_with(client)).await.map_err(|error| classify(&error))?;
    capacity::written(output.consumed_capacity.unwrap_or_default());
    let left = output.unprocessed_items.and_then(|mut left| left.remove(&table)).unwrap_or_default();
    left.into_iter().map(from_write).collect()
}

fn to_write(write: &BatchWrite) -> Result<WriteRequest, Failure> {
    let request = WriteRequest::builder();
    Ok(match write {
        BatchWrite::Put(item) => {
            let put = PutRequest::builder().set_item(Some(to_attributes(item))).build().map_err(unsendable)?;
            request.put_request(put)
        }
        BatchWrite::Delete(key) => {
            let delete = DeleteRequest::builder().set_key(Some(to_attributes(key))).build().map_err(unsendable)?;
            request.delete_request(delete)
        }
    }
    .build())
}

fn from_write(write: WriteRequest) -> Result<BatchWrite, Failure> {
    match (write.put_request, write.delete_request) {
        (Some(put), _) => Ok(BatchWrite::Put(to_map(put.item)?)),
        (None, Some(delete)) => Ok(BatchWrite::Delete(to_map(delete.key)?)),
        (None, None) => Err(Failure::new(FailureClass::BadAnswer, "an unprocessed write that is none")),
    }
}
