/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How a job ended, in words: what happened and what runs now. */

#include "sy-text-private.h"

#include "sy-hearing.h"
#include "sy-next.h"

#include <glib/gi18n-lib.h>

static const char *cancelled_text(SyJob job)
{
  switch (job) {
  case SY_JOB_GO_BACK:
    return _("Going back was cancelled");
  case SY_JOB_CONFIRM:
    return _("The confirmation was cancelled");
  case SY_JOB_READ:
    return _("Reading was cancelled");
  case SY_JOB_CHECK:
    return _("The dry run was cancelled");
  case SY_JOB_IDENTIFY:
  case SY_JOB_UPGRADE:
  default:
    return _("The upgrade was cancelled");
  }
}

static const char *failed_text(SyJob job)
{
  switch (job) {
  case SY_JOB_GO_BACK:
    return _("Going back failed");
  case SY_JOB_CONFIRM:
    return _("The confirmation failed");
  case SY_JOB_READ:
    return _("Reading failed");
  case SY_JOB_CHECK:
    return _("The dry run failed");
  case SY_JOB_IDENTIFY:
  case SY_JOB_UPGRADE:
  default:
    return _("The upgrade failed");
  }
}

static char *dup_silent_text(const SyResult *result)
{
  g_autofree char *quote = NULL;

  if (result->identified)
    return g_strdup(_("The substation stopped answering"));
  switch (sy_hearing_judge(&result->hearing)) {
  case SY_TROUBLE_NOT_A_SUBSTATION:
    quote = sy_hearing_dup_quote(&result->hearing);
    return g_strdup_printf(_("What answers on this port is not a substation; it says “%s”"), quote);
  case SY_TROUBLE_WRONG_RATE:
    return g_strdup(_("Bytes arrive on this port, but nothing that a substation says"));
  case SY_TROUBLE_NOT_HEARD:
    return g_strdup(_("No substation answers on this port, yet one is heard"));
  case SY_TROUBLE_ECHO:
    return g_strdup(_("No substation answers on this port; only what is sent comes back"));
  case SY_TROUBLE_SILENT:
  case SY_TROUBLE_OTHER:
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
  default:
    return g_strdup(_("No substation answers on this port"));
  }
}

/* What happened, as the beginning of a sentence without its full stop. */
static char *dup_reason_text(SyJob job, const SyResult *result)
{
  g_autofree char *nak = NULL;
  g_autofree char *product = NULL;
  g_autofree char *left = NULL;
  g_autofree char *running = sy_identity_dup_running_text(&result->identity);

  switch (result->reason) {
  case SY_REASON_CANCELLED:
    return g_strdup(cancelled_text(job));
  case SY_REASON_SILENT:
    return dup_silent_text(result);
  case SY_REASON_LINK_LOST:
    return g_strdup(_("The connection was lost"));
  case SY_REASON_NOT_COMPATIBLE:
    return g_strdup_printf(_("The substation speaks version %u of the protocol, this program "
                             "version %u"),
                           result->identity.protocol_major, WIRE_PROTOCOL_MAJOR);
  case SY_REASON_NO_LOADER:
    return g_strdup(_("The substation's program does not take upgrades"));
  case SY_REASON_PRODUCT:
    product = sy_product_to_string(result->identity.product);
    return g_strdup_printf(_("The file is for another product than this substation, %s"), product);
  case SY_REASON_BANK:
    return g_strdup_printf(
        _("The file has no usable program for %s, the bank to be written"),
        sy_bank_to_string(wire_bank_other((WireBank)result->identity.running_bank)));
  case SY_REASON_NAK:
    nak = sy_nak_dup_text(&result->nak);
    return g_strdup_printf(_("The substation refused: %s"), nak);
  case SY_REASON_LEFT:
    return g_strdup(sy_leaving_to_string(result->leaving.cause));
  case SY_REASON_RESTARTED:
    return g_strdup(job == SY_JOB_READ
                        ? _("The substation restarted while it was read")
                        : _("The substation restarted in the middle of the upgrade"));
  case SY_REASON_WRONG_ANSWER:
    return g_strdup(_("The substation gave an answer that makes no sense"));
  case SY_REASON_OTHER_RUNS:
    return g_strdup(_("The substation went back to another program"));
  case SY_REASON_RETURNED:
    left = sy_identity_dup_left_text(&result->identity);
    /* Translators: "The upgrade failed", a program, and why it was left. */
    return g_strdup_printf(_("%s. %s was left: %s"), failed_text(job), left,
                           sy_trial_cause_to_string(result->identity.trial_cause));
  case SY_REASON_NOT_CONFIRMED:
    return g_strdup_printf(_("%s runs on trial and could not be confirmed"), running);
  case SY_REASON_NO_TRIAL:
    return g_strdup(_("The substation cannot go back on command"));
  case SY_REASON_NO_OTHER:
    return g_strdup(_("There is no whole program in the other bank to go back to"));
  case SY_REASON_NO_READING:
    return g_strdup(_("The substation's loader is too old to show what lies in flash"));
  case SY_REASON_NO_PROGRAM:
    return g_strdup(_("A substation is read only when it has a program to go on with"));
  case SY_REASON_ON_TRIAL:
    return g_strdup_printf(_("%s is on trial. Confirm it or go back to the other program, then "
                             "read the substation"),
                           running);
  case SY_REASON_NONE:
  default:
    return g_strdup(failed_text(job));
  }
}

static char *dup_unknown_text(SyJob job, const SyResult *result, const char *reason)
{
  if (result->identified && result->identity.running_bank == WIRE_BANK_NONE)
    return g_strdup_printf(_("%s. The substation has no program and waits in its loader."), reason);
  if (result->reason == SY_REASON_NOT_CONFIRMED)
    return g_strdup_printf(_("%s. Unless it is confirmed the substation goes back to its old "
                             "program by itself."),
                           reason);
  if (job != SY_JOB_UPGRADE)
    return g_strdup_printf(_("%s. What the substation runs now could not be learned; both of its "
                             "programs are kept."),
                           reason);
  return g_strdup_printf(_("%s. What the substation runs now could not be learned; its old program "
                           "is kept until a new one is complete."),
                         reason);
}

/* A confirmation is done when none was needed, too. */
static char *dup_kept_text(const WireIdentity *identity, const char *running, const char *now)
{
  if (identity->mode != WIRE_MODE_LOADER && identity->trial == WIRE_TRIAL_CONFIRMED)
    return g_strdup_printf(_("The substation runs %s, confirmed."), running);
  if (identity->trial == WIRE_TRIAL_RUNNING)
    return g_strdup(now);
  /* Translators: before a sentence such as "The substation runs LOW 1.0.0." */
  return g_strdup_printf(_("No program is on trial. %s"), now);
}

gboolean sy_result_is_overtaken(const SyResult *result)
{
  const WireIdentity *identity = &result->identity;
  gboolean low = identity->running_bank == WIRE_BANK_LOW;
  /* Without another program it stays, self-test or not. */
  gboolean leaves = result->nak.cause == WIRE_CAUSE_SELF_TEST &&
                    identity->banks[low ? 1 : 0].state == WIRE_BANK_VALID;

  return result->outcome == SY_OUTCOME_REFUSED && result->reason == SY_REASON_NAK &&
         result->nak.type == WIRE_CONFIRM &&
         (leaves || result->nak.cause == WIRE_CAUSE_WRONG_IMAGE);
}

static char *dup_refused_text(SyJob job, const SyResult *result, const char *reason)
{
  g_autofree char *running = sy_identity_dup_running_text(&result->identity);
  g_autofree char *now = sy_identity_dup_sentence(&result->identity);

  if (!result->identified)
    return g_strdup_printf(_("%s. Nothing was changed."), reason);
  if (sy_result_is_overtaken(result) && result->nak.cause == WIRE_CAUSE_WRONG_IMAGE)
    return g_strdup_printf(_("%s was left before it was confirmed: the substation runs another "
                             "program by now."),
                           running);
  if (sy_result_is_overtaken(result))
    return g_strdup_printf(_("%s. %s is not confirmed, and the substation goes back to its other "
                             "program by itself."),
                           reason, running);
  /* It was asked and may have obeyed. */
  if (job == SY_JOB_CONFIRM && result->reason == SY_REASON_CANCELLED)
    return g_strdup_printf(_("%s. Whether %s is confirmed, the substation says when it is asked "
                             "again."),
                           reason, running);
  return g_strdup_printf(_("%s. Nothing was changed. %s"), reason, now);
}

static char *dup_check_text(const SyResult *result)
{
  g_autofree char *version = sy_version_to_string(result->version);

  /* Translators: bank and version. */
  return g_strdup_printf(_("%s %s would be written; nothing was changed."),
                         sy_bank_to_string(result->bank), version);
}

static char *dup_done_text(SyJob job, const SyResult *result, const char *running, const char *now)
{
  switch (job) {
  case SY_JOB_READ:
    return g_strdup_printf(_("The substation was read. It runs %s, as before."), running);
  case SY_JOB_CONFIRM:
    return dup_kept_text(&result->identity, running, now);
  case SY_JOB_CHECK:
    return dup_check_text(result);
  case SY_JOB_IDENTIFY:
  case SY_JOB_UPGRADE:
  case SY_JOB_GO_BACK:
  default:
    return g_strdup(now);
  }
}

char *sy_result_dup_account(SyJob job, const SyResult *result)
{
  g_autofree char *running = sy_identity_dup_running_text(&result->identity);
  g_autofree char *now = sy_identity_dup_sentence(&result->identity);
  g_autofree char *reason = dup_reason_text(job, result);

  switch (result->outcome) {
  case SY_OUTCOME_DONE:
    return dup_done_text(job, result, running, now);
  case SY_OUTCOME_REFUSED:
    return dup_refused_text(job, result, reason);
  case SY_OUTCOME_LINK:
    return g_strdup_printf(_("%s. Nothing was erased."), reason);
  case SY_OUTCOME_OLD_RUNS:
    return g_strdup_printf(_("%s. The substation runs %s, as before."), reason, running);
  case SY_OUTCOME_UNKNOWN:
  default:
    return dup_unknown_text(job, result, reason);
  }
}

char *sy_result_dup_sentence(SyJob job, const SyResult *result)
{
  g_autofree char *account = sy_result_dup_account(job, result);
  const char *advice = sy_result_get_advice(job, result);

  /* Translators: sentences of what happened, then one of what to do. */
  return advice ? g_strdup_printf(_("%s %s"), account, advice) : g_steal_pointer(&account);
}

static const SyProgram *pick(SyRelease *release, const WireIdentity *identity, GError **error)
{
  WireBank bank = sy_release_choose_bank(release, (WireBank)identity->running_bank);

  return sy_release_pick(release, identity->product, bank, error);
}

char *sy_result_dup_sentence_for(SyJob job, const SyResult *result, SyRelease *release)
{
  g_autoptr(GError) error = NULL;

  if (release && (result->reason == SY_REASON_BANK || result->reason == SY_REASON_PRODUCT) &&
      !pick(release, &result->identity, &error))
    return g_strdup_printf(_("%s Nothing was changed."), error->message);
  return sy_result_dup_sentence(job, result);
}
