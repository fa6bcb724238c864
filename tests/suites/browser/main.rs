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
fn days_in_the_calendar_are_those_of_the_zone() {
    Site::with(events::story()).holds("daysAreThoseOfTheShownZone");
}

#[test]
fn presets_are_moments_fixed_at_the_click() {
    Site::with(events::story()).holds("presetsAreFixedAtTheClick");
}

#[test]
fn lists_offer_values_with_counts_under_the_other_filters() {
    Site::with(events::story()).holds("listsOfferValuesWithTheirCounts");
}

#[test]
fn a_suggested_resource_can_be_picked() {
    Site::with(events::story()).holds("aSuggestedResourceCanBePicked");
}

#[test]
fn standing_views_choose_their_filters() {
    Site::with(events::story()).holds("standingViewsChooseTheirFilters");
}

#[test]
fn every_row_comes_once_while_scrolling() {
    Site::with(events::many(360)).holds("everyRowComesOnceWhileScrolling");
}

#[test]
fn a_new_filter_starts_at_the_top() {
    Site::with(events::many(120)).holds("aNewFilterStartsAtTheTop");
}

#[test]
fn new_events_are_announced_and_move_nothing() {
    Site::with(events::many(60)).holds("newEventsAreAnnouncedAndMoveNothing");
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
fn hostile_details_are_text_too() {
    Site::with(events::hostile()).holds("theirDetailsAreTextToo");
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
fn a_role_that_is_taken_away_ends_the_page() {
    Site::with(events::story()).holds("aRoleThatIsTakenAwayEndsThePage");
}

#[test]
fn a_fault_of_the_server_names_its_request() {
    Site::with(events::story()).holds("aFaultOfTheServerNamesItsRequest");
}

#[test]
fn a_server_that_is_behind_says_so() {
    Site::with(events::story()).holds("aServerThatIsBehindSaysSo");
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
fn axe_finds_nothing_in_any_state() {
    Site::with(events::changes()).holds("axeFindsNothing");
}

#[test]
fn axe_finds_nothing_in_what_opens() {
    Site::with(events::changes()).holds("axeFindsNothingInWhatOpens");
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
fn an_event_tells_what_changed() {
    Site::with(events::changes()).holds("anEventTellsWhatChanged");
}

#[test]
fn the_state_before_and_the_undo_can_be_copied() {
    Site::with(events::changes()).holds("theStateBeforeAndTheUndoCanBeCopied");
}

#[test]
fn a_resource_shows_what_it_was() {
    Site::with(events::changes()).holds("aResourceShowsWhatItWas");
}

#[test]
fn one_click_leads_to_the_resource_the_user_and_the_time() {
    Site::with(events::changes()).holds("oneClickLeadsToTheResourceTheUserAndTheTime");
}

#[test]
fn a_users_page_tells_what_they_did() {
    Site::with(events::changes()).holds("aUsersPageTellsWhatTheyDid");
}

#[test]
fn resources_tell_their_creator_and_last_editor() {
    Site::with(events::changes()).holds("resourcesTellTheirCreatorAndLastEditor");
}

#[test]
fn a_source_is_traced_in_one_look() {
    Site::with(events::changes()).holds("aSourceIsTracedInOneLook");
}

#[test]
fn zones_are_switched_and_remembered() {
    Site::with(events::changes()).holds("zonesAreSwitchedAndRemembered");
}

#[test]
fn the_range_is_drawn_in_the_histogram() {
    Site::with(events::changes()).holds("theRangeIsDrawnInTheHistogram");
}

#[test]
fn what_is_shown_is_exported() {
    Site::with(events::changes()).holds("whatIsShownIsExported");
}

#[test]
fn it_speaks_french() {
    Site::with(events::changes()).holds("itSpeaksFrench");
}

#[test]
fn health_adds_up() {
    Site::with(events::changes()).holds("healthAddsUp");
}

#[test]
fn a_product_embeds_it_under_a_strict_policy() {
    Site::with(events::story()).holds("aProductEmbedsItUnderAStrictPolicy");
}

#[test]
fn the_examples_of_frameworks_run() {
    Site::with(events::story()).holds("theExamplesOfFrameworksRun");
}

#[test]
fn a_host_may_show_the_resource_itself() {
    Site::with(events::story()).holds("aHostMayShowTheResourceItself");
}

#[test]
fn another_origin_may_embed_it_if_it_is_allowed() {
    Site::with(events::story()).holds("anotherOriginMayEmbedIt");
}

#[test]
fn three_origins_work_together() {
    Site::signed(events::story()).holds("threeOriginsWorkTogether");
}

#[test]
fn an_event_is_verified_in_the_browser() {
    Site::signed(events::story()).holds("anEventIsVerified");
}

#[test]
fn a_proof_that_does_not_hold_is_called_so() {
    Site::signed(events::story()).holds("aProofThatDoesNotHoldIsCalledSo");
}

#[test]
fn whoever_may_not_verify_is_offered_nothing() {
    Site::signed(events::story()).holds("whoeverMayNotVerifyIsOfferedNothing");
}

#[test]
fn names_are_searched_as_chosen() {
    Site::with(events::story()).holds("namesAreSearchedAsChosen");
}

#[test]
fn kinds_of_users_are_chosen() {
    Site::with(events::story()).holds("kindsOfUsersAreChosen");
}

#[test]
fn a_long_history_is_slid_through_to_its_beginning() {
    Site::with(events::steps(120)).holds("aLongHistoryIsSlidThroughToItsBeginning");
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
