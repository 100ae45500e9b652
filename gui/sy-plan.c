/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What pressing Upgrade would do now, or why it can't be pressed. */

#include "sy-config.h"

#include "sy-plan.h"

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

const char *sy_plan_get_job_text(SyJob job)
{
  switch (job) {
  case SY_JOB_CONFIRM:
    return _("A program is being confirmed.");
  case SY_JOB_GO_BACK:
    return _("The substation is going back.");
  case SY_JOB_READ:
    return _("The substation is being read.");
  case SY_JOB_CHECK:
    return _("A dry run is going on.");
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

/* The version that a program has, as in "LOW 1.0.0". */
static char *dup_program(WireBank bank, guint32 version)
{
  g_autofree char *text = sy_version_to_string(version);

  return g_strdup_printf("%s %s", sy_bank_to_string(bank), text);
}

/* What is no more when the idle bank is written. */
static char *dup_loss(const SyPlan *plan, const WireIdentity *identity)
{
  const WireBankIdentity *idle = &identity->banks[plan->bank - WIRE_BANK_LOW];
  g_autofree char *program = dup_program(plan->bank, idle->version);

  if (idle->state != WIRE_BANK_VALID)
    return g_strdup_printf(_("%s holds no whole program, so none is lost."),
                           sy_bank_to_string(plan->bank));
  /* Translators: the program in the bank that is written. */
  return g_strdup_printf(_("%s is overwritten: there is no going back to it."), program);
}

/* A question is asked only where somebody may lose what they did not mean to. */
static void ask(SyPlan *plan, const WireIdentity *identity, const SyProgram *program)
{
  guint32 running = identity->program_version;
  g_autofree char *version = sy_version_to_string(program->header.version);
  g_autofree char *runs = dup_program((WireBank)identity->running_bank, running);
  g_autofree char *loss = dup_loss(plan, identity);
  g_autofree char *why = NULL;

  if (sy_plan_has_failed_before(identity, program)) {
    plan->loss = SY_PLAN_SENDS_AGAIN;
    plan->question = g_strdup_printf(_("Send %s Again?"), version);
    why = g_strdup_printf(_("The substation has tried this program and left it: %s."),
                          sy_trial_cause_to_string(identity->trial_cause));
    plan->answer = g_strdup(_("_Send Again"));
  } else if (sy_plan_is_on_trial(identity)) {
    plan->loss = SY_PLAN_CONFIRMS_FIRST;
    plan->question = g_strdup_printf(_("Upgrade While %s Is on Trial?"), runs);
    why = g_strdup_printf(_("%s is confirmed first, proven or not."), runs);
    plan->answer = g_strdup(_("_Confirm and Upgrade"));
  } else if (program->header.version < running) {
    plan->loss = SY_PLAN_DOWNGRADES;
    /* Translators: heading of a question; a version. */
    plan->question = g_strdup_printf(_("Downgrade to %s?"), version);
    why = g_strdup_printf(_("The substation runs %s, which is newer."), runs);
    plan->answer = g_strdup(_("_Downgrade"));
  } else if (program->header.version == running) {
    plan->loss = SY_PLAN_REINSTALLS;
    /* Translators: heading of a question; a version. */
    plan->question = g_strdup_printf(_("Reinstall %s?"), version);
    why = g_strdup_printf(_("The substation runs %s already."), runs);
    plan->answer = g_strdup(_("_Reinstall"));
  } else {
    return;
  }
  plan->body = g_strdup_printf("%s %s", why, loss);
}

static void describe_program(SyPlan *plan, const WireIdentity *identity, const SyProgram *program)
{
  guint32 version = program->header.version;

  g_free(plan->label);
  plan->label = dup_label(sy_bank_to_string(program->bank), version, identity->program_version);
  plan->suggested = version > identity->program_version && !sy_plan_is_on_trial(identity) &&
                    !sy_plan_has_failed_before(identity, program);
}

static void compare(SyPlan *plan, const SyPlanInput *input, const WireIdentity *identity)
{
  const SyProgram *program;
  g_autoptr(GError) error = NULL;

  plan->bank = sy_plan_choose_bank(identity, input->release);
  program = sy_release_get_program(input->release, plan->bank);
  if (program)
    describe_program(plan, identity, program);
  if (!sy_release_pick(input->release, identity->product, plan->bank, &error))
    plan->reason = g_strdup(error->message);
  else if (sy_identity_judge(identity) != SY_REASON_NONE)
    plan->reason =
        g_strdup(_("This substation can’t be upgraded by this program: it speaks another "
                   "protocol or takes no upgrades."));
  plan->ready = plan->reason == NULL;
  if (plan->ready)
    ask(plan, identity, program);
}

SyPlan *sy_plan_new(const SyPlanInput *input)
{
  SyPlan *plan = g_new0(SyPlan, 1);
  const WireIdentity *identity = input->station ? sy_station_get_identity(input->station) : NULL;

  plan->label = g_strdup(_("_Upgrade"));
  plan->reason = find_obstacle(input);
  if (!plan->reason)
    compare(plan, input, identity);
  plan->checkable = input->station && input->release && !input->loading && !input->load_failed &&
                    !sy_release_get_error(input->release);
  plan->checks = sy_plan_look(input);
  return plan;
}

void sy_plan_free(SyPlan *plan)
{
  g_free(plan->label);
  g_free(plan->reason);
  g_free(plan->question);
  g_free(plan->body);
  g_free(plan->answer);
  g_array_unref(plan->checks);
  g_free(plan);
}
