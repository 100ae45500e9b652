/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What pressing Upgrade would do now, or why it can't be pressed. */

#include "sy-config.h"

#include "sy-plan.h"
#include "sy-format.h"

#include <glib/gi18n.h>

WireBank sy_plan_choose_bank(const WireIdentity *identity, SyRelease *release)
{
  WireBank running = identity ? (WireBank)identity->running_bank : WIRE_BANK_NONE;

  if (!identity)
    return WIRE_BANK_NONE;
  return release ? sy_release_choose_bank(release, running) : wire_bank_other(running);
}

const char *sy_plan_check_name(SyCheck check)
{
  switch (check) {
  case SY_CHECK_BANK:
    return _("Bank");
  case SY_CHECK_HEADER:
    return _("Header");
  case SY_CHECK_PRODUCT:
    return _("Product");
  case SY_CHECK_LENGTH:
    return _("Length");
  case SY_CHECK_CRC:
    return _("Checksum");
  case SY_CHECK_VECTORS:
    return _("Vectors");
  case SY_CHECK_CRP:
    return _("Read protection");
  case SY_CHECK_COUNT:
  default:
    return "";
  }
}

static void add_check_with_detail(SyPlan *plan, SySeverity severity, const char *text,
                                  const char *detail)
{
  SyPlanCheck check = {severity, g_strdup(text), g_strdup(detail)};

  g_array_append_val(plan->checks, check);
}

static void add_check(SyPlan *plan, SySeverity severity, const char *text)
{
  add_check_with_detail(plan, severity, text, NULL);
}

static void clear_check(gpointer data)
{
  SyPlanCheck *check = data;

  g_free(check->text);
  g_free(check->detail);
}

static void add_file_checks(SyPlan *plan, const SyProgram *program)
{
  const char *bank = sy_bank_to_string(program->bank);

  for (guint n = 0; n < SY_CHECK_COUNT; n++) {
    const SyFinding *finding = &program->findings[n];

    if (finding->check == SY_CHECK_BANK) {
      g_autofree char *text = g_strdup_printf(_("fits %s"), bank);
      add_check(plan, finding->severity, text);
    } else if (finding->check == SY_CHECK_CRC || finding->check == SY_CHECK_VECTORS ||
               finding->severity != SY_SEVERITY_OK) {
      /* The rest is only worth the room when something is wrong. */
      g_autofree char *text = g_utf8_strdown(sy_plan_check_name(finding->check), -1);
      add_check(plan, finding->severity, text);
    }
  }
}

static void add_version_check(SyPlan *plan, guint32 version, guint32 running)
{
  g_autofree char *running_text = sy_version_to_string(running);
  g_autofree char *text = NULL;

  if (running == 0)
    return;
  if (version > running)
    text = g_strdup_printf(_("newer than %s"), running_text);
  else if (version == running)
    text = g_strdup_printf(_("same as running %s"), running_text);
  else
    text = g_strdup_printf(_("older than %s"), running_text);
  add_check(plan, version > running ? SY_SEVERITY_OK : SY_SEVERITY_WARNING, text);
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
static void add_other_half_check(SyPlan *plan, SyRelease *release)
{
  WireBank bank = wire_bank_other(plan->bank);
  const SyProgram *other = sy_release_get_program(release, bank);
  g_autofree char *text = NULL;
  g_autofree char *detail = NULL;

  if (!other || other->usable)
    return;
  /* Translators: of the program for a bank, as in "LOW half damaged". */
  text = g_strdup_printf(_("%s half damaged"), sy_bank_to_string(bank));
  /* Translators: bank, then a sentence that says what is wrong, then the bank that is written. */
  detail = g_strdup_printf(_("The file’s program for %s can’t be used: %s This upgrade sends only "
                             "the program for %s."),
                           sy_bank_to_string(bank), get_first_error(other),
                           sy_bank_to_string(plan->bank));
  add_check_with_detail(plan, SY_SEVERITY_WARNING, text, detail);
}

/* What is overwritten is what a program on trial would go back to. */
static void add_trial_check(SyPlan *plan, const WireIdentity *identity)
{
  g_autofree char *running = sy_identity_dup_running_text(identity);
  g_autofree char *text = NULL;
  g_autofree char *detail = NULL;

  if (identity->trial != WIRE_TRIAL_RUNNING || identity->running_bank == WIRE_BANK_NONE)
    return;
  /* Translators: a program, as in "HIGH 1.1.0 on trial". */
  text = g_strdup_printf(_("%s on trial"), running);
  /* Translators: the running program, twice; then the bank that is written. */
  detail = g_strdup_printf(_("%s runs on trial. An upgrade confirms it first, for then there is no "
                             "going back from %s: %s is written."),
                           running, running, sy_bank_to_string(plan->bank));
  add_check_with_detail(plan, SY_SEVERITY_WARNING, text, detail);
  plan->suggested = FALSE;
}

/* The very program that the substation left. */
static void add_left_check(SyPlan *plan, const WireIdentity *identity, const SyProgram *program)
{
  const WireBankIdentity *other = &identity->banks[plan->bank - WIRE_BANK_LOW];
  gboolean left = identity->trial == WIRE_TRIAL_RETURNED &&
                  identity->trial_cause != WIRE_TRIAL_CAUSE_OPERATOR &&
                  other->crc == program->header.crc && other->state != WIRE_BANK_EMPTY;
  g_autofree char *detail = NULL;

  if (!left)
    return;
  detail = g_strdup_printf(_("The substation has tried this program and left it: %s."),
                           sy_trial_cause_to_string(identity->trial_cause));
  add_check_with_detail(plan, SY_SEVERITY_WARNING, _("failed here before"), detail);
  plan->suggested = FALSE;
}

static char *dup_label(const char *bank, guint32 version, guint32 running)
{
  g_autofree char *text = sy_version_to_string(version);

  if (version < running)
    /* Translators: button; bank and version. */
    return g_strdup_printf(_("_Downgrade %s to %s"), bank, text);
  if (version == running)
    /* Translators: button; version and bank, as in "Reinstall 1.1.0 in LOW". */
    return g_strdup_printf(_("_Reinstall %s in %s"), text, bank);
  /* Translators: button; bank and version, as in "Upgrade HIGH to 1.1.0". */
  return g_strdup_printf(_("_Upgrade %s to %s"), bank, text);
}

static void describe_program(SyPlan *plan, const WireIdentity *identity, const SyProgram *program)
{
  const char *bank = sy_bank_to_string(program->bank);
  guint32 version = program->header.version;
  g_autofree char *product = sy_product_to_string(identity->product);
  g_autofree char *product_text = g_strdup_printf(_("made for %s"), product);

  add_check(plan, program->header.product == identity->product ? SY_SEVERITY_OK : SY_SEVERITY_ERROR,
            product_text);
  add_file_checks(plan, program);
  add_version_check(plan, version, identity->program_version);

  g_clear_pointer(&plan->label, g_free);
  plan->suggested = version > identity->program_version;
  plan->label = dup_label(bank, version, identity->program_version);
}

const char *sy_plan_get_job_text(SyJob job)
{
  switch (job) {
  case SY_JOB_CONFIRM:
    return _("A program is being confirmed.");
  case SY_JOB_GO_BACK:
    return _("The substation is going back.");
  case SY_JOB_READ:
    return _("The substation is being read.");
  case SY_JOB_IDENTIFY:
  case SY_JOB_UPGRADE:
  default:
    return _("An upgrade is running.");
  }
}

/* Why nothing can be said yet; NULL when both sides are known. */
static char *find_obstacle(const SyPlanInput *input)
{
  SyStationState state = input->station ? sy_station_get_state(input->station) : SY_STATION_CLOSED;

  if (state == SY_STATION_BUSY)
    return g_strdup(sy_plan_get_job_text(sy_station_get_job(input->station)));
  if (input->loading)
    return g_strdup_printf(_("Reading %s…"), input->file_name);
  if (input->load_failed)
    return g_strdup_printf(_("%s can’t be used. Open another file."), input->file_name);
  if (!input->release)
    return g_strdup(_("Open a release file first."));
  switch (state) {
  case SY_STATION_CLOSED:
    return g_strdup(_("Choose the port of a substation."));
  case SY_STATION_OPENING:
    return g_strdup(_("Waiting for the substation’s answer…"));
  case SY_STATION_UNREACHABLE:
    return g_strdup(_("No substation answers. See “Substation” for what to do."));
  case SY_STATION_CONNECTED:
  case SY_STATION_BUSY:
  default:
    return sy_station_get_identity(input->station)
               ? NULL
               : g_strdup(_("Waiting for the substation’s answer…"));
  }
}

static void compare(SyPlan *plan, const SyPlanInput *input, const WireIdentity *identity)
{
  WireBank idle = sy_plan_choose_bank(identity, input->release);
  const SyProgram *program = sy_release_get_program(input->release, idle);
  g_autoptr(GError) error = NULL;

  plan->bank = idle;
  if (program) {
    describe_program(plan, identity, program);
    add_trial_check(plan, identity);
    add_left_check(plan, identity, program);
    add_other_half_check(plan, input->release);
  } else {
    g_autofree char *text = g_strdup_printf(_("no program for %s"), sy_bank_to_string(idle));
    add_check(plan, SY_SEVERITY_ERROR, text);
  }
  if (!sy_release_pick(input->release, identity->product, idle, &error))
    plan->reason = g_strdup(error->message);
  else if (sy_identity_judge(identity) != SY_REASON_NONE)
    plan->reason =
        g_strdup(_("This substation can’t be upgraded by this program: it speaks another "
                   "protocol or takes no upgrades."));
  plan->ready = plan->reason == NULL;
}

SyPlan *sy_plan_new(const SyPlanInput *input)
{
  SyPlan *plan = g_new0(SyPlan, 1);
  const WireIdentity *identity = input->station ? sy_station_get_identity(input->station) : NULL;

  plan->checks = g_array_new(FALSE, FALSE, sizeof(SyPlanCheck));
  g_array_set_clear_func(plan->checks, clear_check);
  plan->label = g_strdup(_("_Upgrade"));
  plan->reason = find_obstacle(input);
  if (!plan->reason)
    compare(plan, input, identity);
  return plan;
}

void sy_plan_free(SyPlan *plan)
{
  g_free(plan->label);
  g_free(plan->reason);
  g_array_unref(plan->checks);
  g_free(plan);
}
