//! The inventory over SQLite and PostgreSQL.

mod bars;
mod evidence;
mod grid;
mod killed;
mod laws;
mod made;
mod merging;
mod runs;

use anyhow::{Context as _, Result};
use exhibit_databases::Databases;

use crate::made::open;

/// Runs each case over an inventory of its own in each database.
macro_rules! cases {
    ($addresses:expr, $($case:path),* $(,)?) => {
        $(
            for address in $addresses {
                let inventory = open(address, stringify!($case)).await?;
                let place = || format!("{} over {address}", stringify!($case));
                $case(&inventory).await.with_context(place)?;
            }
        )*
    };
}

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_keep_the_same_rules() -> Result<()> {
    let databases = Databases::start()?;
    let addresses = &databases.new_ones("rules")?;
    cases!(
        addresses,
        merging::an_empty_field_is_filled_a_given_one_wins_and_what_is_not_given_stays,
        merging::what_persons_entered_and_the_group_stay,
        merging::owners_and_groups_are_found_and_changes_are_remembered,
        merging::serials_of_two_issuers_with_one_name_are_two_items,
        merging::a_row_without_fingerprint_is_never_merged_with_one_that_has_its_number,
        merging::one_certificate_on_several_hosts_is_one_item,
        merging::renewals_are_linked_by_names_and_places,
        merging::a_list_is_in_the_order_of_ends_and_goes_by_pages,
        merging::texts_of_any_characters_are_kept_and_shown_as_they_are_meant,
        merging::dates_at_the_borders_of_the_calendar_are_kept,
        grid::ten_reasons_do_not_stop_the_others_and_are_gone_once_mended,
        grid::an_error_that_a_person_resolved_opens_when_it_comes_again,
        grid::a_rejected_record_was_seen,
        runs::only_a_whole_run_says_what_is_gone,
        runs::a_collapse_waits_for_a_person,
        runs::all_of_it_can_be_built_again,
        evidence::evidence_is_merged_as_its_record_says,
        evidence::rows_that_cannot_be_read_end_the_run_and_not_what_was_merged,
    );
    laws::hold_over(addresses).await?;
    killed::nothing_is_lost_or_doubled(&databases.new_ones("killed")?, addresses).await
}
