/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What to do when a job has ended. */

#include "sy-next.h"

#include <glib/gi18n-lib.h>

static const char *get_advice_unknown(SyJob job, const SyResult *result)
{
  if (result->identified && result->identity.running_bank == WIRE_BANK_NONE)
    return _("Run the upgrade again.");
  if (result->reason == SY_REASON_NOT_CONFIRMED)
    return _("Look again in a minute.");
  return job == SY_JOB_UPGRADE ? _("Check cable and power, then upgrade again.")
                               : _("Check cable and power, then look again.");
}

const char *sy_result_get_advice(SyJob job, const SyResult *result)
{
  switch (result->outcome) {
  case SY_OUTCOME_LINK:
    return _("Check that the substation has power and that cable and port are right, then try "
             "again.");
  case SY_OUTCOME_OLD_RUNS:
    /* What failed its trial is not to be tried again at once. */
    if (job != SY_JOB_UPGRADE || result->reason == SY_REASON_RETURNED)
      return NULL;
    if (result->reason == SY_REASON_NAK && result->nak.cause == WIRE_CAUSE_PROGRAM_FAILED)
      return _("If that happens again its flash is worn out: have the substation replaced.");
    return _("You can upgrade again.");
  case SY_OUTCOME_UNKNOWN:
    return get_advice_unknown(job, result);
  case SY_OUTCOME_DONE:
  case SY_OUTCOME_REFUSED:
  default:
    return NULL;
  }
}

static gboolean is_about_the_file(const SyResult *result)
{
  return result->reason == SY_REASON_PRODUCT || result->reason == SY_REASON_BANK ||
         (result->reason == SY_REASON_NAK && (result->nak.cause == WIRE_CAUSE_WRONG_PRODUCT ||
                                              result->nak.cause == WIRE_CAUSE_WRONG_BANK ||
                                              result->nak.cause == WIRE_CAUSE_WRONG_SIZE ||
                                              result->nak.cause == WIRE_CAUSE_BAD_IMAGE));
}

/* Nothing but another release or another substation helps. */
static gboolean is_beyond_us(const SyResult *result)
{
  return result->reason == SY_REASON_NOT_COMPATIBLE || result->reason == SY_REASON_NO_LOADER ||
         result->reason == SY_REASON_NO_TRIAL || result->reason == SY_REASON_NO_OTHER ||
         result->reason == SY_REASON_NO_READING || result->reason == SY_REASON_NO_PROGRAM ||
         result->reason == SY_REASON_ON_TRIAL;
}

static SyNext get_next_failed(SyJob job, const SyResult *result)
{
  gboolean upgrade = job == SY_JOB_UPGRADE || job == SY_JOB_CHECK;

  if (is_beyond_us(result))
    return SY_NEXT_NOTHING;
  /* A program that was tried and left is not cured by trying it again. */
  if (upgrade && (is_about_the_file(result) || result->reason == SY_REASON_RETURNED))
    return SY_NEXT_OPEN;
  /* Once more would tear what may be settling by itself. */
  if (result->reason == SY_REASON_NOT_CONFIRMED || result->reason == SY_REASON_RETURNED)
    return SY_NEXT_NOTHING;
  return SY_NEXT_TRY_AGAIN;
}

static gboolean has_other(const SyResult *result)
{
  WireBank other = wire_bank_other((WireBank)result->identity.running_bank);

  return (result->identity.capabilities & WIRE_CAP_TRIAL) != 0 && other != WIRE_BANK_NONE &&
         result->identity.banks[other - WIRE_BANK_LOW].state == WIRE_BANK_VALID;
}

SyNext sy_result_get_next(SyJob job, const SyResult *result)
{
  if (result->outcome != SY_OUTCOME_DONE)
    return get_next_failed(job, result);
  if (job == SY_JOB_CHECK)
    return SY_NEXT_UPGRADE;
  return job == SY_JOB_UPGRADE && has_other(result) ? SY_NEXT_GO_BACK : SY_NEXT_NOTHING;
}

static const char *get_next_done(SyJob job, const SyResult *result)
{
  switch (job) {
  case SY_JOB_UPGRADE:
  case SY_JOB_GO_BACK:
    if (has_other(result))
      return _("You can disconnect the substation. Its other program is kept, to go back to.");
    return _("You can disconnect the substation.");
  case SY_JOB_CONFIRM:
    return _("You can disconnect the substation.");
  case SY_JOB_CHECK:
    return _("Nothing stands in the way of the upgrade.");
  case SY_JOB_IDENTIFY:
  case SY_JOB_READ:
  default:
    return NULL;
  }
}

static char *dup_go_on_text(const SyResult *result)
{
  /* Translators: blocks that need not be sent again, of all. */
  return g_strdup_printf(g_dngettext(GETTEXT_PACKAGE,
                                     "Upgrade again: it goes on where it stopped. About %u of the "
                                     "%u blocks is kept.",
                                     "Upgrade again: it goes on where it stopped. About %u of the "
                                     "%u blocks are kept.",
                                     result->blocks_left),
                         result->blocks_left, result->blocks_total);
}

static const char *get_next_refused(SyJob job, const SyResult *result)
{
  switch (sy_result_get_next(job, result)) {
  case SY_NEXT_OPEN:
    return _("Open a release that is made for this substation.");
  case SY_NEXT_TRY_AGAIN:
    return result->reason == SY_REASON_CANCELLED ? _("You can begin again at any time.")
                                                 : _("Check cable and power, then try again.");
  case SY_NEXT_NOTHING:
  case SY_NEXT_GO_BACK:
  case SY_NEXT_UPGRADE:
  default:
    return NULL;
  }
}

char *sy_result_dup_next_text(SyJob job, const SyResult *result)
{
  if (result->outcome == SY_OUTCOME_DONE)
    return g_strdup(get_next_done(job, result));
  if (result->outcome == SY_OUTCOME_REFUSED)
    return g_strdup(get_next_refused(job, result));
  if (job == SY_JOB_UPGRADE && result->reason == SY_REASON_RETURNED)
    return g_strdup(_("Ask whoever made the release, or open another one. The substation keeps "
                      "the program that failed, but does not start it."));
  if (job == SY_JOB_UPGRADE && result->outcome == SY_OUTCOME_OLD_RUNS && result->blocks_left > 0)
    return dup_go_on_text(result);
  return g_strdup(sy_result_get_advice(job, result));
}
