/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The trial of a new program on the ARM images: what proves itself stays, what hangs, crashes,
 * fails its self-test or is never heard is left behind by itself, and the workstation is told why.
 */

#include "rig.h"

#include "sy-transfer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define DRILL_VERSION WIRE_VERSION(1, 2, 0)

enum { START_MS = 300, TRIAL_MS = WIRE_TRIAL_MS };

static void assert_runs(const WireIdentity *identity, WireBank bank, uint32_t version)
{
  assert_int_equal(identity->mode, WIRE_MODE_PROGRAM);
  assert_int_equal(identity->running_bank, bank);
  assert_int_equal(identity->program_version, version);
}

static void power_cycle(Rig *rig)
{
  SimChip *chip = sim_substation_get_chip(rig->substation);

  sim_chip_power_off(chip);
  sim_chip_power_on(chip);
  rig_run_ms(rig, START_MS);
}

static void assert_upgrades(Rig *rig)
{
  g_autoptr(SyRelease) release = rig_load_release("release.hex");

  rig_upgrade(rig, release);
  assert_int_equal(rig->session.result.outcome, SY_OUTCOME_DONE);
  assert_int_equal(rig->session.result.identity.trial, WIRE_TRIAL_CONFIRMED);
}

/* Sends a whole upgrade but not the confirmation: the workstation falls silent when the new program
 * is on trial. Leaves it running so. */
static void upgrade_without_confirming(Rig *rig, const char *name)
{
  g_autoptr(SyRelease) release = rig_load_release(name);
  SyUpload halves[2];

  sy_transfer_get_uploads(release, halves);
  rig_start_upgrade(rig, halves);
  while (rig->session.progress.phase != SY_PHASE_TRIAL) {
    assert_false(sy_session_is_finished(&rig->session));
    rig_turn(rig);
  }
  rig->stopped = true;
}

static void send_confirm(Rig *rig, uint32_t crc)
{
  WireConfirm confirm = {.crc = crc};
  uint8_t payload[WIRE_CONFIRM_LENGTH];

  rig_send(rig, WIRE_CONFIRM, payload, (uint16_t)wire_confirm_write(&confirm, payload));
  rig_run_ms(rig, 50);
}

static void a_good_program_is_on_trial_until_it_is_confirmed(void **state)
{
  Rig *rig = rig_new();
  WireIdentity identity;

  (void)state;
  upgrade_without_confirming(rig, "release.hex");
  rig_run_ms(rig, 1000);
  identity = rig_identify(rig);
  assert_runs(&identity, WIRE_BANK_HIGH, WIRE_VERSION(1, 1, 0));
  assert_int_equal(identity.trial, WIRE_TRIAL_RUNNING);
  assert_int_equal(identity.trial_starts, 1);
  assert_in_range(identity.trial_left_s, 25, 30);
  assert_true(identity.flags & WIRE_FLAG_SELF_TEST);
  send_confirm(rig, identity.banks[1].crc);
  identity = rig_identify(rig);
  assert_int_equal(identity.trial, WIRE_TRIAL_CONFIRMED);
  power_cycle(rig);
  identity = rig_identify(rig);
  assert_runs(&identity, WIRE_BANK_HIGH, WIRE_VERSION(1, 1, 0));
  assert_int_equal(identity.trial, WIRE_TRIAL_CONFIRMED);
  assert_int_equal(rig->reports, 0);
  rig_free(rig);
}

static void nobody_confirms_and_it_is_left_after_its_time(void **state)
{
  Rig *rig = rig_new();
  WireIdentity identity;

  (void)state;
  upgrade_without_confirming(rig, "release.hex");
  rig_run_ms(rig, TRIAL_MS - 1000);
  assert_int_equal(rig->announced.running_bank, WIRE_BANK_HIGH);
  rig_run_ms(rig, 2000);
  assert_runs(&rig->announced, WIRE_BANK_LOW, WIRE_VERSION(1, 0, 0));
  identity = rig_identify(rig);
  assert_int_equal(identity.trial, WIRE_TRIAL_RETURNED);
  assert_int_equal(identity.trial_cause, WIRE_TRIAL_CAUSE_NOT_HEARD);
  assert_upgrades(rig);
  assert_int_equal(rig->reports, 0);
  rig_free(rig);
}

static void three_starts_that_power_cuts_end_use_the_trial_up(void **state)
{
  Rig *rig = rig_new();

  (void)state;
  upgrade_without_confirming(rig, "release.hex");
  for (unsigned start = 2; start <= WIRE_TRIAL_STARTS; start++) {
    power_cycle(rig);
    assert_int_equal(rig->announced.running_bank, WIRE_BANK_HIGH);
    assert_int_equal(rig->announced.trial, WIRE_TRIAL_RUNNING);
    assert_int_equal(rig->announced.trial_starts, start);
  }
  power_cycle(rig);
  assert_runs(&rig->announced, WIRE_BANK_LOW, WIRE_VERSION(1, 0, 0));
  assert_int_equal(rig->announced.trial, WIRE_TRIAL_RETURNED);
  assert_int_equal(rig->announced.trial_cause, WIRE_TRIAL_CAUSE_STARTS);
  power_cycle(rig);
  assert_runs(&rig->announced, WIRE_BANK_LOW, WIRE_VERSION(1, 0, 0));
  assert_upgrades(rig);
  assert_int_equal(rig->reports, 0);
  rig_free(rig);
}

/* Each kind of bad program, from LOW and from HIGH. */
static void bad_programs_are_left_and_the_workstation_is_told_why(void **state)
{
  static const struct {
    const char *release;
    WireTrialCause cause;
    SimReportKind report; /* what the model says about the program; COUNT: nothing */
  } drills[] = {
      {"drill-hang.hex", WIRE_TRIAL_CAUSE_HANG, SIM_REPORT_WATCHDOG_RESET},
      {"drill-crash.hex", WIRE_TRIAL_CAUSE_CRASH, SIM_REPORT_UNDEFINED},
      {"drill-abort.hex", WIRE_TRIAL_CAUSE_CRASH, SIM_REPORT_ABORT},
      {"drill-self-test.hex", WIRE_TRIAL_CAUSE_SELF_TEST, SIM_REPORT_COUNT},
      {"drill-mute.hex", WIRE_TRIAL_CAUSE_NOT_HEARD, SIM_REPORT_COUNT},
  };

  (void)state;
  for (unsigned i = 0; i < 2 * G_N_ELEMENTS(drills); i++) {
    g_autoptr(SyRelease) release = rig_load_release(drills[i / 2].release);
    Rig *rig = rig_new();
    SimChip *chip = sim_substation_get_chip(rig->substation);
    const SyResult *result = &rig->session.result;
    WireIdentity before;

    if (i % 2 != 0)
      rig_move_to_high(rig);
    before = rig_identify(rig);
    rig_upgrade(rig, release);
    assert_int_equal(result->outcome, SY_OUTCOME_OLD_RUNS);
    assert_int_equal(result->reason, SY_REASON_RETURNED);
    assert_runs(&result->identity, (WireBank)before.running_bank, before.program_version);
    assert_int_equal(result->identity.trial, WIRE_TRIAL_RETURNED);
    assert_int_equal(result->identity.trial_cause, drills[i / 2].cause);
    if (drills[i / 2].report != SIM_REPORT_COUNT)
      assert_int_equal(sim_chip_count_reports(chip, drills[i / 2].report), WIRE_TRIAL_STARTS);
    assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_LINE_PROGRAMMED_TWICE), 0);
    power_cycle(rig);
    assert_runs(&rig->announced, (WireBank)before.running_bank, before.program_version);
    assert_int_equal(rig->announced.trial_cause, drills[i / 2].cause);
    assert_upgrades(rig);
    rig_free(rig);
  }
}

/* The watchdog's cause is kept in the record: a power cut between two hangs does not hide it. */
static void a_hang_is_told_although_power_fails_in_between(void **state)
{
  g_autoptr(SyRelease) release = rig_load_release("drill-hang.hex");
  Rig *rig = rig_new();
  SimChip *chip = sim_substation_get_chip(rig->substation);
  SyUpload halves[2];

  (void)state;
  sy_transfer_get_uploads(release, halves);
  rig_start_upgrade(rig, halves);
  while (sim_chip_count_reports(chip, SIM_REPORT_WATCHDOG_RESET) < 1)
    rig_turn(rig);
  rig->stopped = true;
  rig_run_ms(rig, 1000);
  sim_chip_power_off(chip);
  sim_chip_power_on(chip);
  rig_run_ms(rig, 1000);
  sim_chip_power_off(chip);
  sim_chip_power_on(chip);
  rig_run_ms(rig, START_MS);
  assert_runs(&rig->announced, WIRE_BANK_LOW, WIRE_VERSION(1, 0, 0));
  assert_int_equal(rig->announced.trial_cause, WIRE_TRIAL_CAUSE_HANG);
  rig_free(rig);
}

static void a_confirmation_names_the_program_that_was_heard(void **state)
{
  Rig *rig = rig_new();
  WireIdentity identity;

  (void)state;
  upgrade_without_confirming(rig, "release.hex");
  rig_run_ms(rig, 1000);
  identity = rig_identify(rig);
  send_confirm(rig, identity.banks[0].crc);
  assert_int_equal(rig_identify(rig).trial, WIRE_TRIAL_RUNNING);
  send_confirm(rig, identity.banks[1].crc);
  send_confirm(rig, identity.banks[1].crc);
  assert_int_equal(rig_identify(rig).trial, WIRE_TRIAL_CONFIRMED);
  assert_int_equal(rig->reports, 0);
  rig_free(rig);
}

static void an_upgrade_over_a_program_on_trial_settles_it_first(void **state)
{
  g_autoptr(SyRelease) older = rig_load_release("release-1.0.0.hex");
  Rig *rig = rig_new();

  (void)state;
  upgrade_without_confirming(rig, "release.hex");
  rig_run_ms(rig, 100);
  rig_upgrade(rig, older);
  assert_int_equal(rig->session.result.outcome, SY_OUTCOME_DONE);
  assert_runs(&rig->session.result.identity, WIRE_BANK_LOW, WIRE_VERSION(1, 0, 0));
  rig_free(rig);
}

static void the_upgrade_command_is_refused_during_a_trial(void **state)
{
  WireEnter enter = {.product = WIRE_PRODUCT_DEMO};
  uint8_t payload[WIRE_ENTER_LENGTH];
  Rig *rig = rig_new();

  (void)state;
  upgrade_without_confirming(rig, "release.hex");
  rig_send(rig, WIRE_ENTER_LOADER, payload, (uint16_t)wire_enter_write(&enter, payload));
  rig_run_ms(rig, 500);
  assert_int_equal(rig->announced.mode, WIRE_MODE_PROGRAM);
  assert_int_equal(rig_identify(rig).running_bank, WIRE_BANK_HIGH);
  rig_free(rig);
}

static void the_operator_goes_back_and_forth(void **state)
{
  Rig *rig = rig_new();
  const SyResult *result = &rig->session.result;

  (void)state;
  rig_go_back(rig); /* there is nothing to go back to in a new substation */
  assert_int_equal(result->outcome, SY_OUTCOME_REFUSED);
  assert_int_equal(result->reason, SY_REASON_NO_OTHER);
  rig_move_to_high(rig);
  rig_go_back(rig);
  assert_int_equal(result->outcome, SY_OUTCOME_DONE);
  assert_runs(&result->identity, WIRE_BANK_LOW, WIRE_VERSION(1, 0, 0));
  assert_int_equal(result->identity.trial, WIRE_TRIAL_CONFIRMED);
  rig_go_back(rig);
  assert_int_equal(result->outcome, SY_OUTCOME_DONE);
  assert_runs(&result->identity, WIRE_BANK_HIGH, WIRE_VERSION(1, 1, 0));
  power_cycle(rig);
  assert_runs(&rig->announced, WIRE_BANK_HIGH, WIRE_VERSION(1, 1, 0));
  assert_int_equal(rig->reports, 0);
  rig_free(rig);
}

/* With the record log full the operator is told so, and an upgrade empties it. */
static void going_back_ends_when_the_record_log_is_full(void **state)
{
  Rig *rig = rig_new();
  const SyResult *result = &rig->session.result;
  unsigned times = 0;

  (void)state;
  rig_move_to_high(rig);
  do
    rig_go_back(rig);
  while (result->outcome == SY_OUTCOME_DONE && ++times < 20);
  assert_in_range(times, 2, 8);
  assert_int_equal(result->outcome, SY_OUTCOME_REFUSED);
  assert_int_equal(result->nak.cause, WIRE_CAUSE_RECORD_FAILED);
  assert_upgrades(rig);
  rig_go_back(rig);
  assert_int_equal(result->outcome, SY_OUTCOME_DONE);
  assert_int_equal(rig->reports, 0);
  rig_free(rig);
}

/* What was left because it hangs is not trusted when the operator asks for it again. */
static void going_back_to_a_bad_program_returns_by_itself(void **state)
{
  g_autoptr(SyRelease) release = rig_load_release("drill-hang.hex");
  Rig *rig = rig_new();
  const SyResult *result = &rig->session.result;

  (void)state;
  rig_upgrade(rig, release);
  assert_int_equal(result->outcome, SY_OUTCOME_OLD_RUNS);
  rig_go_back(rig);
  assert_int_equal(result->outcome, SY_OUTCOME_OLD_RUNS);
  assert_int_equal(result->reason, SY_REASON_RETURNED);
  assert_int_equal(result->identity.trial_cause, WIRE_TRIAL_CAUSE_HANG);
  assert_runs(&result->identity, WIRE_BANK_LOW, WIRE_VERSION(1, 0, 0));
  rig_free(rig);
}

static void a_cancel_behind_the_commit_goes_back(void **state)
{
  g_autoptr(SyRelease) release = rig_load_release("release.hex");
  Rig *rig = rig_new();
  SyUpload halves[2];

  (void)state;
  sy_transfer_get_uploads(release, halves);
  rig_start_upgrade(rig, halves);
  while (rig->session.progress.phase != SY_PHASE_START)
    rig_turn(rig);
  sy_session_cancel(&rig->session, rig_now_us(rig));
  while (!sy_session_is_finished(&rig->session))
    rig_turn(rig);
  assert_int_equal(rig->session.result.outcome, SY_OUTCOME_OLD_RUNS);
  assert_int_equal(rig->session.result.reason, SY_REASON_CANCELLED);
  assert_runs(&rig->session.result.identity, WIRE_BANK_LOW, WIRE_VERSION(1, 0, 0));
  assert_int_equal(rig->session.result.identity.trial_cause, WIRE_TRIAL_CAUSE_OPERATOR);
  rig_free(rig);
}

/* A first program that hangs is started again and again, but the loader listens before each start.
 */
static void a_first_program_that_hangs_lets_somebody_in(void **state)
{
  g_autoptr(SyRelease) hang = rig_load_release("drill-hang.hex");
  g_autoptr(SyRelease) good = rig_load_release("release.hex");
  Rig *rig = rig_new();
  SimChip *chip = sim_substation_get_chip(rig->substation);

  (void)state;
  sim_chip_power_off(chip);
  for (uint32_t addr = 0x2000; addr < 0x1e000; addr++)
    sim_chip_flash(chip)[addr] = 0xff;
  sim_chip_flash_loaded(chip);
  sim_chip_power_on(chip);
  rig_run_ms(rig, START_MS);
  assert_int_equal(rig->announced.running_bank, WIRE_BANK_NONE);
  rig_upgrade(rig, hang);
  assert_int_equal(rig->session.result.outcome, SY_OUTCOME_UNKNOWN);
  assert_int_equal(rig->session.result.identity.mode, WIRE_MODE_LOADER);
  assert_int_equal(rig->session.result.identity.trial, WIRE_TRIAL_RUNNING);
  assert_true(sim_chip_count_reports(chip, SIM_REPORT_WATCHDOG_RESET) > 1);
  power_cycle(rig);
  assert_int_equal(rig->announced.mode, WIRE_MODE_LOADER);
  rig_upgrade(rig, good);
  assert_int_equal(rig->session.result.outcome, SY_OUTCOME_DONE);
  rig_free(rig);
}

static void the_first_program_of_all_confirms_itself(void **state)
{
  Rig *rig = rig_new();
  SimChip *chip = sim_substation_get_chip(rig->substation);

  (void)state;
  sim_chip_power_off(chip);
  for (uint32_t addr = 0x2000; addr < 0x1e000; addr++)
    sim_chip_flash(chip)[addr] = 0xff;
  sim_chip_flash_loaded(chip);
  sim_chip_power_on(chip);
  rig_run_ms(rig, START_MS);
  upgrade_without_confirming(rig, "release.hex");
  rig_run_ms(rig, 1000);
  assert_int_equal(rig_identify(rig).trial, WIRE_TRIAL_CONFIRMED);
  rig_free(rig);
}

/* Through the vectors of flash and through its own in RAM. */
static void a_program_in_user_mode_reaches_the_loader_by_swi(void **state)
{
  static const char *const drills[] = {"drill-user.hex", "drill-user-ram.hex"};
  g_autoptr(SyRelease) next = rig_load_release("release.hex");

  (void)state;
  for (unsigned i = 0; i < G_N_ELEMENTS(drills); i++) {
    g_autoptr(SyRelease) release = rig_load_release(drills[i]);
    Rig *rig = rig_new();
    bool was_user_mode = false;
    SyUpload halves[2];

    rig_upgrade(rig, release);
    assert_int_equal(rig->session.result.outcome, SY_OUTCOME_DONE);
    assert_runs(&rig->session.result.identity, WIRE_BANK_HIGH, DRILL_VERSION);
    sy_transfer_get_uploads(next, halves);
    rig_start_upgrade(rig, halves);
    while (!sy_session_is_finished(&rig->session)) {
      rig_turn(rig);
      was_user_mode |= rig->announced.mode == WIRE_MODE_LOADER &&
                       (rig->announced.flags & WIRE_FLAG_USER_MODE) != 0;
    }
    assert_int_equal(rig->session.result.outcome, SY_OUTCOME_DONE);
    assert_true(was_user_mode);
    assert_int_equal(rig->reports, 0);
    rig_free(rig);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_good_program_is_on_trial_until_it_is_confirmed),
      cmocka_unit_test(nobody_confirms_and_it_is_left_after_its_time),
      cmocka_unit_test(three_starts_that_power_cuts_end_use_the_trial_up),
      cmocka_unit_test(bad_programs_are_left_and_the_workstation_is_told_why),
      cmocka_unit_test(a_hang_is_told_although_power_fails_in_between),
      cmocka_unit_test(a_confirmation_names_the_program_that_was_heard),
      cmocka_unit_test(an_upgrade_over_a_program_on_trial_settles_it_first),
      cmocka_unit_test(the_upgrade_command_is_refused_during_a_trial),
      cmocka_unit_test(the_operator_goes_back_and_forth),
      cmocka_unit_test(going_back_ends_when_the_record_log_is_full),
      cmocka_unit_test(going_back_to_a_bad_program_returns_by_itself),
      cmocka_unit_test(a_cancel_behind_the_commit_goes_back),
      cmocka_unit_test(a_first_program_that_hangs_lets_somebody_in),
      cmocka_unit_test(the_first_program_of_all_confirms_itself),
      cmocka_unit_test(a_program_in_user_mode_reaches_the_loader_by_swi),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
