use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::describe_time_to_live::DescribeTimeToLiveInput;
use aws_sdk_dynamodb::operation::update_time_to_live::UpdateTimeToLiveInput;
use aws_sdk_dynamodb::types::{TimeToLiveSpecification, TimeToLiveStatus};
use structnosql_core::{Failure, Text};

use crate::failure::{classify, unsendable};

/// An attribute that is being enabled counts: items go out of date by it from then on.
pub(crate) async fn describe(client: &Client, table: &str) -> Result<Option<Text>, Failure> {
    let call = DescribeTimeToLiveInput::builder().table_name(table);
    let output = Box::pin(call.send_with(client)).await.map_err(|error| classify(&error))?;
    let described = output.time_to_live_description.filter(|described| {
        matches!(described.time_to_live_status(), Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling))
    });
    Ok(described.and_then(|described| described.attribute_name).map(Text::from))
}

pub(crate) async fn enable(client: &Client, (table, attribute): &(&str, &str)) -> Result<(), Failure> {
    let wanted =
        TimeToLiveSpecification::builder().enabled(true).attribute_name(*attribute).build().map_err(unsendable)?;
    let call = UpdateTimeToLiveInput::builder().table_name(*table).time_to_live_specification(wanted);
    Box::pin(call.send_with(client)).await.map(|_| ()).map_err(|error| classify(&error))
}
