//! Cases for a [`Backend`], one request at a time.

mod batches;
mod capabilities;
mod collections;
mod conditions;
mod indexes;
mod items;
mod limits;
mod lists;
mod names;
mod queries;
mod scans;
mod stage;
mod statements;
mod tables;
mod time_to_live;
mod transactions;
mod updates;
mod values;

use std::pin::Pin;

use structnosql_core::Backend;

use self::stage::{Stage, Tables};
use super::{Divergence, Outcome, Report};

type Running<'a> = Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

/// A case, by the name that divergences and reports have for it.
struct Case<B> {
    name: &'static str,
    run: for<'a> fn(&'a Stage<'a, B>) -> Running<'a>,
}

macro_rules! cases {
    ($($module:ident: $($case:ident)*;)*) => {
        vec![$($(Case {
            name: concat!(stringify!($module), "::", stringify!($case)),
            run: |stage| Box::pin($module::$case(stage)),
        },)*)*]
    };
}

fn cases<B: Backend>() -> Vec<Case<B>> {
    cases! {
        items:
            an_item_comes_back_as_it_was_put
            a_put_replaces_the_whole_item
            a_put_gives_back_what_it_replaces_where_asked_for
            an_item_of_the_key_alone_is_one
            what_is_not_there_is_nothing
            a_projection_brings_its_paths_alone
            a_projection_closes_the_gaps_of_a_list
            a_projection_of_what_is_not_there_is_an_empty_item
            a_deleted_item_is_gone_and_comes_back_where_asked_for
            deleting_what_is_not_there_succeeds;
        conditions:
            a_put_may_depend_on_absence
            a_put_may_depend_on_presence
            an_update_may_depend_on_a_nested_path
            a_delete_may_depend_on_presence
            all_of_several_must_hold
            a_null_is_present
            a_null_is_told_from_other_values
            a_failed_put_brings_the_stored_item
            a_failed_update_brings_the_stored_item
            a_failed_delete_brings_the_stored_item;
        updates:
            setting_creates_the_item
            setting_and_removing_go_together
            a_value_moves_to_another_name
            nested_values_change_alone
            removing_what_is_not_there_succeeds
            the_old_item_comes_back_where_asked_for
            setting_under_a_missing_parent_is_an_invalid_path
            setting_under_a_scalar_is_an_invalid_path
            setting_an_index_of_a_map_is_an_invalid_path
            setting_a_name_in_a_list_is_an_invalid_path
            removing_under_a_missing_parent_is_an_invalid_path
            removing_under_a_missing_parent_changes_nothing
            one_invalid_path_undoes_the_whole_update
            a_key_attribute_cannot_change
            removing_alone_creates_nothing
            a_guarded_remove_creates_nothing
            a_hundred_actions_are_one_update;
        lists:
            an_element_is_replaced
            past_the_end_is_appended
            several_past_the_end_are_appended_in_order
            removing_moves_the_rest_up
            several_are_removed_by_their_old_places
            places_are_those_before_the_update
            removing_past_the_end_changes_nothing;
        queries:
            items_come_in_the_order_of_their_sort_key
            descending_turns_the_order
            sort_conditions_select
            text_may_begin_with
            pages_cover_everything_once
            a_projection_brings_its_paths_alone
            another_partition_is_not_seen
            a_filter_leaves_items_out
            a_filter_may_not_read_the_key
            counting_brings_no_items;
        collections:
            one_query_brings_all_of_a_partition
            a_kind_is_what_begins_alike;
        scans:
            every_item_comes_once
            segments_share_the_items
            counting_brings_no_items
            a_projection_brings_its_paths_alone
            an_index_has_its_own_items;
        indexes:
            a_global_index_finds_items_by_its_key
            a_global_index_has_its_own_order
            an_index_follows_the_item
            an_item_without_the_key_is_not_in_the_index
            an_index_of_keys_has_keys_alone
            a_local_index_is_read_consistently
            an_index_with_included_attributes_has_them
            a_local_index_fetches_what_it_does_not_hold
            a_global_index_refuses_what_it_does_not_hold
            pages_of_an_index_cover_everything_once;
        batches:
            what_is_there_comes_back
            a_hundred_keys_are_one_read
            a_key_is_asked_for_once
            puts_and_deletions_go_together
            more_writes_than_25_are_refused
            one_wrong_write_refuses_all;
        statements:
            several_items_change_in_one_request
            each_is_answered_for_itself
            a_missing_parent_is_an_invalid_path
            names_may_be_any_but_for_quotes
            a_condition_may_go_with_it
            members_come_and_go
            counters_and_lists_grow
            what_is_to_grow_must_be_there
            an_item_changes_once
            more_than_25_are_refused;
        transactions:
            every_kind_of_write_goes_with_the_others
            one_failed_condition_undoes_all
            a_failed_condition_brings_the_stored_item
            an_invalid_path_undoes_all
            an_item_is_in_it_once
            a_hundred_writes_are_one_transaction
            a_token_makes_repeating_harmless
            a_token_is_of_one_transaction
            several_items_are_read_at_once
            an_item_is_read_once;
        capabilities:
            what_is_not_there_is_refused;
        time_to_live:
            it_is_enabled_once
            a_table_that_is_not_there_has_none;
        tables:
            a_table_is_described_as_it_was_created
            an_unknown_table_is_none
            an_unknown_table_is_not_found
            an_unknown_index_is_not_found
            a_table_is_created_once
            capacity_may_be_provisioned
            a_deleted_table_is_gone
            an_added_index_finds_the_items_that_are_there
            a_wrong_key_is_refused
            keys_may_be_numbers_and_binary
            a_global_index_is_not_read_consistently;
        names:
            attributes_may_have_any_name
            map_entries_may_have_any_name
            keys_may_have_any_value;
        values:
            every_type_comes_back
            every_type_is_set_by_an_update
            numbers_keep_38_digits
            numbers_keep_their_magnitude
            empty_values_stay_empty
            sets_have_no_order
            an_empty_set_is_refused;
        limits:
            values_may_be_nested_31_levels_deep
            values_may_be_nested_32_levels_deep
            deeper_nesting_is_refused
            an_item_may_have_400_kilobytes
            a_larger_item_is_too_large
            an_update_may_not_make_an_item_too_large;
    }
}

/// Runs every case.
///
/// Cases of what the backend says that it [cannot do](structnosql_core::Capabilities) are left out, but for one that
/// it refuses it. It creates several tables of its own, whose names differ from run to run, and leaves them behind.
pub async fn run<B: Backend>(backend: &B, expected: &[Divergence]) -> Report {
    let mut report = Report::default();
    let tables = match Tables::create(backend).await {
        Ok(tables) => tables,
        Err(finding) => {
            report.note("the tables of the cases", Err(finding), &[]);
            return report;
        }
    };
    let capabilities = backend.capabilities();
    for case in cases::<B>().into_iter().filter(|case| capabilities::has(&capabilities, case.name)) {
        let stage = Stage::new(backend, &tables, case.name);
        report.note(case.name, (case.run)(&stage).await, expected);
    }
    report.note_unknown(expected);
    report
}
