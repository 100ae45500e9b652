/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The drills, and how each of them is judged. */

#include "sy-config.h"

#include "sy-drill.h"

#include <glib/gi18n.h>

enum {
  /* The release that comes with the program is 28 blocks long; what the substation has in hand when
   * something happens, 16 at most, must not be all that is missing. */
  BLOCK_HIT = 8,
  BLOCK_WORN = 9, /* of the bank */
  NOISE = 100,    /* bits of a million */
  DROP_EVERY = 800,
};

static const SyDrill drills[SY_DRILL_COUNT] = {
    [SY_DRILL_NOISE] =
        {
            .name = "noise",
            .title = N_("Noise on the Line"),
            .what = N_("One bit in ten thousand is turned on its way, in both directions."),
            .expect = N_("The upgrade is done. Damaged frames are noticed and sent again, so it "
                         "takes longer."),
            .proof = N_("No damaged byte gets into flash."),
            .fault = "noise",
        },
    [SY_DRILL_DROP] =
        {
            .name = "drop",
            .title = N_("Lost Bytes"),
            .what = N_("After every 800 bytes on the line, 16 are lost."),
            .expect = N_("The upgrade is done. What is missing is noticed and sent again, so it "
                         "takes longer."),
            .proof = N_("A gap in what arrives is never taken for the whole."),
            .fault = "drop-every",
        },
    [SY_DRILL_CABLE] =
        {
            .name = "cable",
            .title = N_("Pulled Cable"),
            .what = N_("The cable is pulled while the program is being written."),
            .expect = N_("The upgrade ends at once and says that the connection was lost. Nothing "
                         "is claimed of what runs until the cable is in again."),
            .proof = N_("The substation finds its way back to its old program by itself."),
            .fault = "unplug-block",
            .standing = N_("The cable of the virtual substation is pulled."),
            .remedy = N_("_Plug In Again"),
            .next = N_("Now plug it in again, and the substation says what it runs."),
        },
    [SY_DRILL_POWER] =
        {
            .name = "power",
            .title = N_("Power Cut"),
            .what = N_("Power fails in the middle of writing a block and comes back after half a "
                       "second."),
            .expect = N_("The upgrade fails and says that the substation restarted. Its old "
                         "program runs."),
            .proof = N_("Power may go at any instant."),
            .fault = "power-cut-block",
        },
    [SY_DRILL_SILENT] =
        {
            .name = "silent",
            .title = N_("Silent Line"),
            .what = N_("From the middle of writing on, nothing comes through any more."),
            .expect = N_("The upgrade gives up, tries for 15 seconds to find out what runs, and "
                         "then says that it is not known."),
            .proof = N_("Silence is never taken for success."),
            .fault = "silent-block",
            .standing = N_("The line to the virtual substation is dead."),
            .remedy = N_("_Let It Speak"),
            .next = N_("Now let it speak, and the substation says what it runs."),
        },
    [SY_DRILL_WORN] =
        {
            .name = "worn",
            .title = N_("Worn Flash"),
            .what = N_("One block of the bank to be written does not hold what is written to it."),
            .expect = N_("The block is found as it is read back. Its sector is erased and sent "
                         "again, and then the upgrade is given up. The old program runs."),
            .proof = N_("A program that does not lie whole in flash is never started."),
            .fault = "worn-block",
            .standing = N_("A block of the virtual substation’s flash is worn out."),
            .remedy = N_("_Repair"),
            .next = N_("Here it can be repaired: upgrade again afterwards."),
        },
    [SY_DRILL_HANG] =
        {
            .name = "hang",
            .title = N_("Hanging Program"),
            .what = N_("A program is sent that starts, and then hangs."),
            .expect = N_("It goes across whole and starts on trial. The watchdog ends it, and the "
                         "substation goes back to its old program and says why."),
            .proof = N_("A program stays only when it has proved itself."),
            .file = "drill-hang.hex",
        },
};

const SyDrill *sy_drill_get(SyDrillKind kind)
{
  g_return_val_if_fail(kind < SY_DRILL_COUNT, NULL);

  return &drills[kind];
}

const SyDrill *sy_drill_find(const char *name)
{
  for (SyDrillKind kind = 0; kind < SY_DRILL_COUNT; kind++)
    if (g_strcmp0(name, drills[kind].name) == 0)
      return &drills[kind];
  return NULL;
}

static SyDrillKind get_kind(const SyDrill *drill)
{
  return (SyDrillKind)(drill - drills);
}

guint sy_drill_get_number(const SyDrill *drill, WireBank bank)
{
  switch (get_kind(drill)) {
  case SY_DRILL_NOISE:
    return NOISE;
  case SY_DRILL_DROP:
    return DROP_EVERY;
  case SY_DRILL_WORN:
    return bank == WIRE_BANK_NONE ? 0 : wire_bank_get_addr(bank) / WIRE_BLOCK_SIZE + BLOCK_WORN;
  case SY_DRILL_CABLE:
  case SY_DRILL_POWER:
  case SY_DRILL_SILENT:
  case SY_DRILL_HANG:
  case SY_DRILL_COUNT:
  default:
    return BLOCK_HIT;
  }
}

/* Somebody may have let it speak before the upgrade ended: then it goes on, or it is heard that the
 * loader has left for the old program meanwhile. */
static gboolean fits_silence(const SyResult *result)
{
  SyReason reason = result->reason;

  if (result->outcome == SY_OUTCOME_OLD_RUNS)
    return reason == SY_REASON_SILENT || reason == SY_REASON_LEFT || reason == SY_REASON_RESTARTED;
  return result->outcome == SY_OUTCOME_DONE ||
         (result->outcome == SY_OUTCOME_UNKNOWN && reason == SY_REASON_SILENT);
}

static gboolean is_as_expected(SyDrillKind kind, const SyResult *result)
{
  gboolean old_runs = result->outcome == SY_OUTCOME_OLD_RUNS;

  switch (kind) {
  case SY_DRILL_NOISE:
  case SY_DRILL_DROP:
    return result->outcome == SY_OUTCOME_DONE;
  case SY_DRILL_CABLE:
    return result->outcome == SY_OUTCOME_UNKNOWN && result->reason == SY_REASON_LINK_LOST;
  case SY_DRILL_POWER:
    return old_runs && result->reason == SY_REASON_RESTARTED;
  case SY_DRILL_SILENT:
    return fits_silence(result);
  case SY_DRILL_WORN:
    return old_runs && result->reason == SY_REASON_NAK &&
           result->nak.cause == WIRE_CAUSE_PROGRAM_FAILED;
  case SY_DRILL_HANG:
    return old_runs && result->reason == SY_REASON_RETURNED &&
           result->identity.trial_cause == WIRE_TRIAL_CAUSE_HANG;
  case SY_DRILL_COUNT:
  default:
    return FALSE;
  }
}

SyDrillVerdict sy_drill_judge(const SyDrill *drill, const SyResult *result, guint fired)
{
  if (!result)
    return SY_DRILL_NOT_BEGUN;
  if (result->reason == SY_REASON_CANCELLED)
    return SY_DRILL_CANCELLED;
  if (drill->fault && fired == 0)
    return SY_DRILL_NO_FAULT;
  return is_as_expected(get_kind(drill), result) ? SY_DRILL_AS_EXPECTED : SY_DRILL_OTHERWISE;
}

const char *sy_drill_verdict_to_string(SyDrillVerdict verdict)
{
  switch (verdict) {
  case SY_DRILL_AS_EXPECTED:
    return _("As expected");
  case SY_DRILL_OTHERWISE:
    return _("Not as expected");
  case SY_DRILL_NO_FAULT:
    return _("The fault did not happen");
  case SY_DRILL_CANCELLED:
    return _("Cancelled");
  case SY_DRILL_NOT_BEGUN:
  default:
    return _("The drill could not begin");
  }
}

/* How often it happened, where that is more than once. */
static char *dup_figures(const SyDrill *drill, const SyResult *result, guint fired)
{
  switch (get_kind(drill)) {
  case SY_DRILL_NOISE:
    return g_strdup_printf(_("Bits turned: %u. Frames sent again: %u."), fired,
                           result->counts.retries);
  case SY_DRILL_DROP:
    return g_strdup_printf(_("Losses: %u. Frames sent again: %u."), fired, result->counts.retries);
  case SY_DRILL_WORN:
    return g_strdup_printf(_("Times the block did not hold: %u. Sectors sent again: %u."), fired,
                           result->counts.repeats);
  case SY_DRILL_CABLE:
  case SY_DRILL_POWER:
  case SY_DRILL_SILENT:
  case SY_DRILL_HANG:
  case SY_DRILL_COUNT:
  default:
    return NULL;
  }
}

char *sy_drill_dup_end_text(const SyDrill *drill, const SyResult *result, guint fired,
                            gboolean stands)
{
  SyDrillVerdict verdict = sy_drill_judge(drill, result, fired);
  g_autofree char *sentence = NULL;
  g_autofree char *figures = NULL;
  GString *text;

  if (!result)
    return g_strdup(_("The substation could not be reached. Wait until it answers, then start the "
                      "drill again."));
  sentence = sy_result_dup_sentence(SY_JOB_UPGRADE, result);
  text = g_string_new(sentence);
  if (fired > 0)
    figures = dup_figures(drill, result, fired);
  if (figures)
    g_string_append_printf(text, " %s", figures);
  if (stands && drill->next)
    g_string_append_printf(text, " %s", _(drill->next));
  if (verdict == SY_DRILL_NO_FAULT)
    g_string_append_printf(text, " %s", _("Start the drill again."));
  return g_string_free(text, FALSE);
}

char *sy_drill_dup_running_text(const SyDrill *drill, guint fired)
{
  if (!drill->fault)
    return g_strdup(_("The program that hangs is on its way."));
  if (fired == 0)
    return g_strdup(_("The fault has not happened yet."));
  return g_strdup_printf(g_dngettext(GETTEXT_PACKAGE, "The fault has happened.",
                                     "The fault has happened %u times.", fired),
                         fired);
}
