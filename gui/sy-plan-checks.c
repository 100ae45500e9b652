/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Everything that an upgrade depends on: what was looked at, what was found, what to do. */

#include "sy-config.h"

#include "sy-plan.h"

#include <glib/gi18n.h>

static const char action_open[] = "win.open";
static const char action_port[] = "win.choose-port";
static const char action_dry_run[] = "win.dry-run";
static const char action_findings[] = "win.show-findings";

static void clear_check(gpointer data)
{
  SyPlanCheck *check = data;

  g_free(check->name);
  g_free(check->text);
  g_free(check->fix);
}

static SyPlanCheck *add(GArray *checks, SyPlanState state, const char *name, const char *text)
{
  SyPlanCheck check = {.state = state, .name = g_strdup(name), .text = g_strdup(text)};

  g_array_append_val(checks, check);
  return &g_array_index(checks, SyPlanCheck, checks->len - 1);
}

static void set_fix(SyPlanCheck *check, const char *fix, const char *action, const char *label)
{
  check->fix = g_strdup(fix);
  check->action = action;
  check->action_label = label;
}

/* What keeps the port from being opened; NULL: nothing. */
static const SyTrouble *get_port_trouble(SyStation *station)
{
  const SyTrouble *trouble = station ? sy_station_get_trouble(station) : NULL;

  if (!trouble)
    return NULL;
  switch (trouble->kind) {
  case SY_TROUBLE_ABSENT:
  case SY_TROUBLE_GONE:
  case SY_TROUBLE_DENIED:
  case SY_TROUBLE_BUSY:
  case SY_TROUBLE_MODEM_MANAGER:
  case SY_TROUBLE_NO_HOST:
  case SY_TROUBLE_REFUSED:
  case SY_TROUBLE_UNREACHABLE:
  case SY_TROUBLE_CLOSED:
  case SY_TROUBLE_TAKEN:
  case SY_TROUBLE_NO_RFC2217:
  case SY_TROUBLE_NOT_RAW:
    return trouble;
  case SY_TROUBLE_OTHER:
  case SY_TROUBLE_SILENT:
  case SY_TROUBLE_NOT_HEARD:
  case SY_TROUBLE_ECHO:
  case SY_TROUBLE_WRONG_RATE:
  case SY_TROUBLE_NOT_A_SUBSTATION:
  default:
    return NULL;
  }
}

static void add_port(GArray *checks, SyStation *station)
{
  const SyTrouble *trouble = get_port_trouble(station);

  if (trouble)
    set_fix(add(checks, SY_PLAN_FAILED, _("Port"), trouble->title),
            _("“Substation” says what to check, or choose another port."), action_port,
            _("Choose _Port"));
  else if (station)
    add(checks, SY_PLAN_PASSED, _("Port"), sy_station_get_port(station));
  else
    set_fix(add(checks, SY_PLAN_FAILED, _("Port"), _("None is chosen.")),
            _("Choose the port of a substation."), action_port, _("Choose _Port"));
}

static void add_answer(GArray *checks, SyStation *station)
{
  const WireIdentity *identity = station ? sy_station_get_identity(station) : NULL;
  SyStationState state = station ? sy_station_get_state(station) : SY_STATION_CLOSED;
  g_autofree char *sentence = identity ? sy_identity_dup_sentence(identity) : NULL;

  if (get_port_trouble(station))
    add(checks, SY_PLAN_WAITS, _("Substation"), _("It has not answered yet."));
  else if (state == SY_STATION_UNREACHABLE)
    set_fix(add(checks, SY_PLAN_FAILED, _("Substation"), _("It does not answer.")),
            _("“Substation” says what to check, or choose another port."), action_port,
            _("Choose _Port"));
  else if (state == SY_STATION_OPENING || !identity)
    add(checks, SY_PLAN_WAITS, _("Substation"), _("It has not answered yet."));
  else
    add(checks, SY_PLAN_PASSED, _("Substation"), sentence);
}

static void add_command(GArray *checks, const WireIdentity *identity)
{
  if (sy_identity_judge(identity) == SY_REASON_NONE)
    add(checks, SY_PLAN_PASSED, _("Upgrade command"), _("It takes upgrades from this program."));
  else
    set_fix(add(checks, SY_PLAN_FAILED, _("Upgrade command"),
                _("It speaks another protocol or takes no upgrades.")),
            _("Use the program that was made for it."), NULL, NULL);
}

static void add_file(GArray *checks, const SyPlanInput *input)
{
  const char *name = input->file_name ? input->file_name : "";
  const char *error = input->release ? sy_release_get_error(input->release) : NULL;

  if (input->loading)
    add(checks, SY_PLAN_WAITS, _("File"), _("It is being read."));
  else if (input->load_failed)
    set_fix(add(checks, SY_PLAN_FAILED, _("File"), _("It can’t be used.")), _("Open another one."),
            action_open, _("Open…"));
  else if (!input->release)
    set_fix(add(checks, SY_PLAN_FAILED, _("File"), _("None is open.")), _("Open a release file."),
            action_open, _("Open…"));
  else if (error)
    set_fix(add(checks, SY_PLAN_FAILED, _("File"), error), NULL, action_findings,
            _("Show _Findings"));
  else
    add(checks, SY_PLAN_PASSED, _("File"), name);
}

static SyPlanState get_state(SySeverity severity)
{
  static const SyPlanState states[] = {
      [SY_SEVERITY_OK] = SY_PLAN_PASSED,
      [SY_SEVERITY_WARNING] = SY_PLAN_WARNING,
      [SY_SEVERITY_ERROR] = SY_PLAN_FAILED,
  };

  return states[severity];
}

static void add_product(GArray *checks, const WireIdentity *identity, const SyProgram *program)
{
  g_autofree char *made = sy_product_to_string(program->header.product);
  g_autofree char *is = sy_product_to_string(identity->product);
  g_autofree char *text = NULL;

  if (program->header.product == identity->product) {
    text = g_strdup_printf(_("Made for %s, which this substation is."), made);
    add(checks, SY_PLAN_PASSED, sy_plan_check_name(SY_CHECK_PRODUCT), text);
    return;
  }
  /* Translators: two products. */
  text = g_strdup_printf(_("Made for %s; this substation is %s."), made, is);
  set_fix(add(checks, SY_PLAN_FAILED, sy_plan_check_name(SY_CHECK_PRODUCT), text),
          _("Open a release for this product."), action_open, _("Open…"));
}

static void add_findings(GArray *checks, const SyProgram *program)
{
  g_autofree char *fits = g_strdup_printf(_("Fits %s."), sy_bank_to_string(program->bank));

  for (guint n = 0; n < SY_CHECK_COUNT; n++) {
    const SyFinding *finding = &program->findings[n];
    gboolean ok = finding->severity == SY_SEVERITY_OK;
    SyPlanCheck *check;

    /* Whether it is this substation's product is a check of its own. */
    if (finding->check == SY_CHECK_PRODUCT && ok)
      continue;
    check = add(checks, get_state(finding->severity), sy_plan_check_name(finding->check),
                finding->check == SY_CHECK_BANK && ok ? fits : finding->text);
    if (!ok)
      set_fix(check, NULL, action_findings, _("Show _Findings"));
  }
}

static void add_version(GArray *checks, const WireIdentity *identity, const SyProgram *program)
{
  guint32 running = identity->program_version;
  g_autofree char *version = sy_version_to_string(program->header.version);
  g_autofree char *runs = sy_version_to_string(running);
  g_autofree char *text = NULL;
  SyPlanState state = SY_PLAN_PASSED;

  if (running == 0)
    return;
  if (program->header.version > running) {
    /* Translators: two versions. */
    text = g_strdup_printf(_("%s is newer than %s, which runs."), version, runs);
  } else if (program->header.version == running) {
    state = SY_PLAN_NOTE; /* as behind every upgrade */
    text = g_strdup_printf(_("%s runs already."), version);
  } else {
    state = SY_PLAN_WARNING;
    text = g_strdup_printf(_("%s is older than %s, which runs."), version, runs);
  }
  add(checks, state, _("Version"), text);
}

gboolean sy_plan_is_on_trial(const WireIdentity *identity)
{
  return identity->trial == WIRE_TRIAL_RUNNING && identity->running_bank != WIRE_BANK_NONE;
}

gboolean sy_plan_has_failed_before(const WireIdentity *identity, const SyProgram *program)
{
  const WireBankIdentity *other = &identity->banks[program->bank - WIRE_BANK_LOW];

  return identity->trial == WIRE_TRIAL_RETURNED &&
         identity->trial_cause != WIRE_TRIAL_CAUSE_OPERATOR && other->crc == program->header.crc &&
         other->state != WIRE_BANK_EMPTY;
}

/* What is overwritten is what a program on trial would go back to. */
static void add_trial(GArray *checks, const WireIdentity *identity)
{
  g_autofree char *running = sy_identity_dup_running_text(identity);
  g_autofree char *text = NULL;

  if (!sy_plan_is_on_trial(identity)) {
    add(checks, SY_PLAN_PASSED, _("Trial"), _("No program is on trial."));
    return;
  }
  /* Translators: a program, as in "HIGH 1.1.0 is on trial." */
  text = g_strdup_printf(_("%s is on trial."), running);
  set_fix(add(checks, SY_PLAN_WARNING, _("Trial"), text),
          _("Keep it when it has proved itself; an upgrade confirms it first."), "win.keep",
          _("_Keep"));
}

static void add_failed_before(GArray *checks, const WireIdentity *identity,
                              const SyProgram *program)
{
  g_autofree char *text = NULL;

  if (!sy_plan_has_failed_before(identity, program))
    return;
  text = g_strdup_printf(_("This program failed here before: %s."),
                         sy_trial_cause_to_string(identity->trial_cause));
  set_fix(add(checks, SY_PLAN_WARNING, _("Last trial"), text), _("Better open another release."),
          action_open, _("Open…"));
}

static const char *get_first_error(const SyProgram *program)
{
  for (guint n = 0; n < SY_CHECK_COUNT; n++)
    if (program->findings[n].severity == SY_SEVERITY_ERROR)
      return program->findings[n].text;
  return "";
}

/* The half that stays in the file: nothing of it is sent, but a file with one bad half is one to
 * get again, and the next upgrade would need that half. */
static void add_other_half(GArray *checks, SyRelease *release, WireBank bank)
{
  const SyProgram *other = sy_release_get_program(release, wire_bank_other(bank));
  g_autofree char *text = NULL;
  g_autofree char *fix = NULL;

  if (!other || other->usable)
    return;
  /* Translators: bank, then a sentence that says what is wrong. */
  text = g_strdup_printf(_("The program for %s can’t be used: %s"), sy_bank_to_string(other->bank),
                         get_first_error(other));
  /* Translators: a bank. */
  fix = g_strdup_printf(_("This upgrade sends only the program for %s; get the file again for the "
                          "next."),
                        sy_bank_to_string(bank));
  set_fix(add(checks, SY_PLAN_WARNING, _("Other half"), text), fix, action_findings,
          _("Show _Findings"));
}

/* What the last job found. */
static void add_link(GArray *checks, SyStation *station)
{
  static const SyCounts nothing;
  SyLinkQuality quality =
      sy_link_quality_judge(&nothing, &sy_station_get_progress(station)->counts);
  g_autofree char *text = NULL;

  if (quality == SY_LINK_QUALITY_UNKNOWN) {
    set_fix(add(checks, SY_PLAN_PASSED, _("Link"), _("It carries answers.")),
            _("A dry run tests it with more."), action_dry_run, _("Dry _Run"));
    return;
  }
  /* Translators: "good", "fair", "poor" or "dead". */
  text = g_strdup_printf(_("It was %s the last time."), sy_link_quality_get_label(quality));
  if (quality <= SY_LINK_QUALITY_FAIR)
    add(checks, SY_PLAN_PASSED, _("Link"), text);
  else
    set_fix(add(checks, SY_PLAN_WARNING, _("Link"), text),
            _("Check cable and connectors, then test it by a dry run."), action_dry_run,
            _("Dry _Run"));
}

static void add_program(GArray *checks, const SyPlanInput *input, const WireIdentity *identity)
{
  WireBank bank = sy_plan_choose_bank(identity, input->release);
  const SyProgram *program = sy_release_get_program(input->release, bank);
  g_autofree char *text = NULL;

  if (program) {
    add_product(checks, identity, program);
    add_findings(checks, program);
    add_version(checks, identity, program);
    add_failed_before(checks, identity, program);
    add_other_half(checks, input->release, bank);
    return;
  }
  text = g_strdup_printf(_("The file has no program for %s."), sy_bank_to_string(bank));
  set_fix(add(checks, SY_PLAN_FAILED, _("Program"), text), _("Open the release with both halves."),
          action_open, _("Open…"));
}

GArray *sy_plan_look(const SyPlanInput *input)
{
  GArray *checks = g_array_new(FALSE, FALSE, sizeof(SyPlanCheck));
  SyStation *station = input->station;
  const WireIdentity *identity = station ? sy_station_get_identity(station) : NULL;
  gboolean answers = identity && sy_station_get_state(station) != SY_STATION_UNREACHABLE;

  g_array_set_clear_func(checks, clear_check);
  add_port(checks, station);
  add_answer(checks, station);
  if (answers)
    add_command(checks, identity);
  add_file(checks, input);
  if (answers && input->release && !input->loading && !input->load_failed &&
      !sy_release_get_error(input->release))
    add_program(checks, input, identity);
  if (answers) {
    add_trial(checks, identity);
    add_link(checks, station);
  }
  return checks;
}
