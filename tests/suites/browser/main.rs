//! The page at `/ui/` of a real `annals up` in a real Chromium.
//!
//! Each test starts its own installation, sends it events over HTTP, and has one scenario of
//! `tests/browser/scenarios/` drive the page. What must hold is asserted there, name by name.

mod events;
mod site;

use site::Site;

#[test]
fn table_has_the_four_columns_newest_first() {
    Site::with(events::story()).holds("tableHasTheFourColumns");
}

#[test]
fn resources_show_name_then_and_now_deletion_and_company() {
    Site::with(events::story()).holds("resourcesCarryTheirStory");
}

#[test]
fn users_of_every_kind_have_a_label() {
    Site::with(events::story()).holds("usersAreNeverBlank");
}

#[test]
fn filters_combine_and_live_in_the_address() {
    Site::with(events::story()).holds("filtersCombineAndLiveInTheAddress");
}

#[test]
fn a_click_on_a_user_or_type_narrows() {
    Site::with(events::story()).holds("aClickOnAUserOrTypeNarrows");
}

#[test]
fn date_bounds_are_local_half_open_and_clear_alone() {
    Site::with(events::story()).holds("boundsAreLocalTimesAndClearAlone");
}

#[test]
fn an_unknown_parameter_is_not_ignored() {
    Site::with(events::story()).holds("anUnknownParameterIsNotIgnored");
}

#[test]
fn pages_turn_forth_and_back() {
    Site::with(events::many(120)).holds("pagesTurnForthAndBack");
}

#[test]
fn a_new_filter_starts_at_the_first_page() {
    Site::with(events::many(120)).holds("aNewFilterStartsAtTheFirstPage");
}

#[test]
fn the_keyboard_is_enough() {
    Site::with(events::many(60)).holds("theKeyboardIsEnough");
}

#[test]
fn paris_hours_are_told_apart_in_autumn_and_spring() {
    Site::with(events::edges_of_summer_time()).holds("parisHoursAreToldApart");
}

#[test]
fn every_zone_shows_its_own_day_in_the_same_order() {
    Site::with(events::edges_of_summer_time()).holds("everyZoneShowsItsOwnDay");
}

#[test]
fn hostile_names_are_text_and_nothing_else() {
    Site::with(events::hostile()).holds("namesAreTextAndNothingElse");
}

#[test]
fn a_hostile_address_is_text_too() {
    Site::with(events::hostile()).holds("theAddressIsTextToo");
}

#[test]
fn an_empty_workspace_is_no_error() {
    Site::with(vec![]).holds("anEmptyWorkspaceIsNoError");
}

#[test]
fn a_filter_without_a_hit_offers_to_clear() {
    Site::with(events::story()).holds("aFilterWithoutAHitOffersToClear");
}

#[test]
fn no_access_tells_nothing() {
    Site::with(events::story()).holds("noAccessTellsNothing");
}

#[test]
fn an_unreachable_server_is_no_empty_table() {
    Site::with(events::story()).holds("anUnreachableServerIsNoEmptyTable");
}

#[test]
fn the_token_leaves_the_address() {
    Site::with(events::story()).holds("theTokenLeavesTheAddress");
}

#[test]
fn axe_finds_nothing_serious() {
    Site::with(events::story()).holds("axeFindsNothingSerious");
}

#[test]
fn every_field_and_button_has_its_label() {
    Site::with(events::story()).holds("everyFieldHasItsLabel");
}

#[test]
fn it_fits_a_small_screen() {
    Site::with(events::story()).holds("itFitsASmallScreen");
}

#[test]
fn the_page_runs_under_a_policy_without_inline_script() {
    let site = Site::with(vec![]);
    let policy = site.policy();
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"));
    assert!(!policy.contains("unsafe"), "{policy}");
}

#[test]
#[should_panic(expected = "no scenario nothingOfTheKind")]
fn a_scenario_that_fails_fails_its_test() {
    Site::with(vec![]).holds("nothingOfTheKind");
}
