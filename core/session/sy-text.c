/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Words for what the engine knows as numbers. */

#include "sy-text-private.h"

#include "sy-release.h"

#include <glib/gi18n-lib.h>

const char *sy_log_level_to_string(SyLogLevel level)
{
  static const char *const names[SY_LOG_LEVELS] = {"trace", "debug", "info", "warning", "error"};

  return names[level];
}

static char *dup_program_text(WireBank bank, guint32 version)
{
  g_autofree char *number = sy_version_to_string(version);

  return g_strdup_printf("%s %s", sy_bank_to_string(bank), number);
}

char *sy_identity_dup_running_text(const WireIdentity *identity)
{
  if (identity->running_bank == WIRE_BANK_NONE)
    return g_strdup(_("no program"));
  return dup_program_text((WireBank)identity->running_bank, identity->program_version);
}

const char *sy_trial_cause_to_string(guint cause)
{
  switch ((WireTrialCause)cause) {
  case WIRE_TRIAL_CAUSE_HANG:
    return _("it hung (the watchdog ran out)");
  case WIRE_TRIAL_CAUSE_CRASH:
    return _("it crashed");
  case WIRE_TRIAL_CAUSE_SELF_TEST:
    return _("its self-test failed");
  case WIRE_TRIAL_CAUSE_NOT_HEARD:
    return _("nobody confirmed it in time");
  case WIRE_TRIAL_CAUSE_STARTS:
    return _("its three starts ended in a reset or a power cut");
  case WIRE_TRIAL_CAUSE_DAMAGED:
    return _("its image is no longer whole");
  case WIRE_TRIAL_CAUSE_OPERATOR:
    return _("as asked");
  case WIRE_TRIAL_CAUSE_NONE:
  default:
    return _("the cause is not known");
  }
}

/* The program that was tried and left; only its bank when there is nothing of it any more. */
char *sy_identity_dup_left_text(const WireIdentity *identity)
{
  WireBank left = wire_bank_other((WireBank)identity->running_bank);
  const WireBankIdentity *entry = &identity->banks[left == WIRE_BANK_HIGH];

  if (entry->state == WIRE_BANK_EMPTY)
    return g_strdup(sy_bank_to_string(left));
  return dup_program_text(left, entry->version);
}

static char *dup_returned_text(const WireIdentity *identity)
{
  g_autofree char *program = sy_identity_dup_left_text(identity);

  return g_strdup_printf(_("went back from %s: %s"), program,
                         sy_trial_cause_to_string(identity->trial_cause));
}

char *sy_identity_dup_trial_text(const WireIdentity *identity)
{
  if (identity->running_bank == WIRE_BANK_NONE)
    return NULL;
  switch ((WireTrial)identity->trial) {
  case WIRE_TRIAL_RUNNING:
    if (identity->mode == WIRE_MODE_LOADER || identity->trial_left_s == 0)
      return g_strdup(_("on trial"));
    return g_strdup_printf(_("on trial (start %u of %u, %u s left)"), identity->trial_starts,
                           WIRE_TRIAL_STARTS, identity->trial_left_s);
  case WIRE_TRIAL_CONFIRMED:
    return g_strdup(_("confirmed"));
  case WIRE_TRIAL_RETURNED:
    return dup_returned_text(identity);
  case WIRE_TRIAL_NONE:
  default:
    return NULL;
  }
}

static gboolean is_running(const WireIdentity *identity, WireBank bank)
{
  return identity->running_bank != WIRE_BANK_NONE && identity->running_bank == bank;
}

static char *dup_running_bank_text(const WireIdentity *identity)
{
  gboolean loader = identity->mode == WIRE_MODE_LOADER;
  g_autofree char *trial = sy_identity_dup_trial_text(identity);

  switch ((WireTrial)identity->trial) {
  case WIRE_TRIAL_RUNNING:
    /* Translators: of a program, then "on trial", with more of it in brackets. */
    return g_strdup_printf(loader ? _("starts next %s") : _("running %s"), trial);
  case WIRE_TRIAL_CONFIRMED:
    return g_strdup(loader ? _("starts next, confirmed") : _("running, confirmed"));
  case WIRE_TRIAL_RETURNED:
  case WIRE_TRIAL_NONE:
  default:
    return g_strdup(loader ? _("starts next") : _("running"));
  }
}

char *sy_identity_dup_bank_text(const WireIdentity *identity, WireBank bank)
{
  gboolean valid = identity->banks[bank - WIRE_BANK_LOW].state == WIRE_BANK_VALID;

  if (is_running(identity, bank))
    return dup_running_bank_text(identity);
  if (identity->trial == WIRE_TRIAL_RETURNED && identity->running_bank != WIRE_BANK_NONE)
    /* Translators: of a program that the substation tried; why follows. */
    return g_strdup_printf(_("left: %s"), sy_trial_cause_to_string(identity->trial_cause));
  return valid ? g_strdup(_("idle")) : NULL;
}

char *sy_identity_dup_sentence(const WireIdentity *identity)
{
  g_autofree char *running = sy_identity_dup_running_text(identity);

  if (identity->mode != WIRE_MODE_LOADER && identity->trial == WIRE_TRIAL_RUNNING)
    return g_strdup_printf(_("The substation runs %s on trial."), running);
  if (identity->mode != WIRE_MODE_LOADER)
    return g_strdup_printf(_("The substation runs %s."), running);
  if (identity->running_bank == WIRE_BANK_NONE)
    return g_strdup(_("The substation has no program and waits in its loader."));
  return g_strdup_printf(_("The substation is in its loader; %s starts next."), running);
}

char *sy_progress_dup_phase_text(const SyProgress *progress)
{
  const char *bank = sy_bank_to_string(progress->bank);
  g_autofree char *program = dup_program_text(progress->bank, progress->version);

  switch (progress->phase) {
  case SY_PHASE_CONNECT:
    return g_strdup(_("Asking the substation for its identity"));
  case SY_PHASE_LINE:
    return g_strdup(_("Testing the line"));
  case SY_PHASE_ENTER:
    return g_strdup(_("Starting the loader"));
  case SY_PHASE_RATE:
    return g_strdup(_("Trying whether the line carries a higher rate"));
  case SY_PHASE_READ:
    return g_strdup(_("Reading the flash back"));
  case SY_PHASE_ERASE:
    return g_strdup_printf(_("Erasing %s"), bank);
  case SY_PHASE_WRITE:
    return g_strdup_printf(_("Writing %s"), bank);
  case SY_PHASE_COMMIT:
    return g_strdup_printf(_("Checking and sealing %s"), bank);
  case SY_PHASE_START:
    return g_strdup_printf(_("Starting %s"), program);
  case SY_PHASE_TRIAL:
    /* Of one that was found on trial, when it has tested itself. */
    if (progress->bank == WIRE_BANK_NONE)
      return g_strdup(_("Making sure that the program is confirmed"));
    /* Translators: a program, as in "HIGH 1.1.0 tests itself". */
    return g_strdup_printf(_("%s tests itself"), program);
  case SY_PHASE_WHAT_RUNS:
    return g_strdup(_("Finding out what runs now"));
  case SY_PHASE_FINISHED:
    return g_strdup(_("Finished"));
  case SY_PHASE_IDLE:
  case SY_PHASE_COUNT:
  default:
    return g_strdup(_("Ready"));
  }
}

const char *sy_leaving_to_string(guint8 cause)
{
  switch ((WireLeavingCause)cause) {
  case WIRE_LEAVING_RUN:
    return _("The loader starts the program");
  case WIRE_LEAVING_ABORT:
    return _("The loader goes back to the program, as asked");
  case WIRE_LEAVING_SILENCE:
    return _("The loader goes back to the program: it heard nothing for 10 s");
  case WIRE_LEAVING_FLASH:
    return _("The loader goes back to the program: flash failed three times");
  case WIRE_LEAVING_RUBBISH:
    return _("The loader goes back to the program: it heard nothing but rubbish for 10 s");
  default:
    return _("The loader leaves");
  }
}

static const char *request_text(guint8 request)
{
  switch ((WireType)request) {
  case WIRE_IDENTIFY:
    return _("the identity request");
  case WIRE_ENTER_LOADER:
    return _("the upgrade command");
  case WIRE_BEGIN:
    return _("the request to erase");
  case WIRE_DATA:
    return _("a block");
  case WIRE_COMMIT:
    return _("the request to check and seal");
  case WIRE_RUN:
    return _("the request to start the program");
  case WIRE_ABORT:
    return _("the request to stop the upgrade");
  case WIRE_CONFIRM:
    return _("the confirmation");
  case WIRE_GO_BACK:
    return _("the request to go back");
  case WIRE_RATE:
    return _("the request for another rate");
  case WIRE_READ:
    return _("the request for a piece of flash");
  case WIRE_ECHO:
  case WIRE_READING:
  case WIRE_ANNOUNCE:
  case WIRE_LEAVING:
  case WIRE_REPLY:
  case WIRE_NAK:
  default:
    return _("a message");
  }
}

/* What is unusual about who answers, as sentences to add. */
static void add_remarks(GString *text, const WireIdentity *identity)
{
  g_autofree char *trial = sy_identity_dup_trial_text(identity);

  if (trial)
    g_string_append_printf(text, "; %s", trial);
  if (identity->mode == WIRE_MODE_LOADER && (identity->flags & WIRE_FLAG_WATCHDOG))
    g_string_append_printf(text, "; %s", _("the watchdog was running and is fed"));
  if (identity->flags & WIRE_FLAG_USER_MODE)
    g_string_append_printf(text, "; %s", _("it was entered from user mode"));
}

static char *dup_identity_text(const WireIdentity *identity)
{
  g_autofree char *running = sy_identity_dup_running_text(identity);
  g_autofree char *loader = sy_version_to_string(identity->loader_version);
  g_autoptr(GString) text = g_string_new(NULL);

  if (identity->mode == WIRE_MODE_LOADER)
    g_string_printf(text, _("The loader %s answers; the substation's program is %s"), loader,
                    running);
  else
    g_string_printf(text,
                    g_dngettext(GETTEXT_PACKAGE,
                                "The substation runs %s (loader %s, %u start since power-on)",
                                "The substation runs %s (loader %s, %u starts since power-on)",
                                identity->boots),
                    running, loader, identity->boots);
  add_remarks(text, identity);
  return g_string_free(g_steal_pointer(&text), FALSE);
}

/* Of several blocks in a frame only the first is named: what is certain is the sector. */
static char *dup_block_text(const SySession *session, const SyEvent *event, SyLogLevel *level)
{
  if (event->number == SY_BLOCK_FAILED) {
    guint32 addr = wire_bank_get_addr(session->progress.bank) + event->block * WIRE_BLOCK_SIZE;

    *level = SY_LOG_WARNING;
    return g_strdup_printf(_("A block of sector %u did not hold in flash: the sector is erased and "
                             "sent again"),
                           addr / WIRE_SECTOR_SIZE);
  }
  *level = SY_LOG_DEBUG;
  return g_strdup_printf(_("Block %u is written and read back"), event->block);
}

static char *dup_timeout_text(const SyEvent *event)
{
  if (event->request == WIRE_DATA)
    return g_strdup_printf(_("No answer to block %u in time: sent again, attempt %u"), event->block,
                           event->number);
  return g_strdup_printf(_("No answer to %s in time: sent again, attempt %u"),
                         request_text(event->request), event->number);
}

static char *dup_nak_event_text(const SyEvent *event, SyLogLevel *level)
{
  WireNak nak = {.cause = event->cause, .type = event->request, .detail = event->number};
  g_autofree char *text = sy_nak_dup_text(&nak);

  /* What follows from a lost frame is sent again, and the loss itself has been told. */
  *level = event->cause == WIRE_CAUSE_UNPACKABLE ? SY_LOG_DEBUG : SY_LOG_WARNING;
  return g_strdup_printf(_("The substation refuses %s: %s"), request_text(event->request), text);
}

static char *dup_finished_text(const SySession *session, SyLogLevel *level)
{
  if (session->job == SY_JOB_IDENTIFY && session->result.outcome == SY_OUTCOME_DONE)
    return NULL;
  if (session->result.outcome == SY_OUTCOME_DONE)
    *level = SY_LOG_INFO;
  else
    *level = session->result.reason == SY_REASON_CANCELLED ? SY_LOG_WARNING : SY_LOG_ERROR;
  return sy_result_dup_sentence(session->job, &session->result);
}

char *sy_event_dup_text(const SySession *session, const SyEvent *event, SyLogLevel *level)
{
  *level = SY_LOG_INFO;
  switch (event->kind) {
  case SY_EVENT_PHASE:
    return session->progress.phase == SY_PHASE_FINISHED
               ? NULL
               : sy_progress_dup_phase_text(&session->progress);
  case SY_EVENT_IDENTITY:
    return dup_identity_text(&session->result.identity);
  case SY_EVENT_RATE:
    return g_strdup_printf(_("The line runs at %u baud from here"), event->number);
  case SY_EVENT_RATE_FAILED:
    *level = SY_LOG_WARNING;
    return g_strdup_printf(_("The line does not carry %u baud"), event->number);
  case SY_EVENT_RATE_FAR:
    /* Translators: a rate of the serial line, in baud. */
    return g_strdup_printf(
        _("An answer takes %u ms: too long to prove another rate, so this one stays"),
        event->number);
  case SY_EVENT_RESUMED:
    return g_strdup_printf(
        g_dngettext(GETTEXT_PACKAGE, "%u block is there from an interrupted upgrade and stays",
                    "%u blocks are there from an interrupted upgrade and stay", event->number),
        event->number);
  case SY_EVENT_ERASED:
    return g_strdup_printf(_("%s is erased, in %u ms"), sy_bank_to_string(session->progress.bank),
                           event->number);
  case SY_EVENT_BLOCK:
    return dup_block_text(session, event, level);
  case SY_EVENT_PAGE:
    *level = SY_LOG_DEBUG;
    return g_strdup_printf(_("1,024 bytes at 0x%05X are read"), event->block * WIRE_PAGE_SIZE);
  case SY_EVENT_TIMEOUT:
    *level = SY_LOG_WARNING;
    return dup_timeout_text(event);
  case SY_EVENT_NAK:
    return dup_nak_event_text(event, level);
  case SY_EVENT_BAD_FRAMES:
    *level = SY_LOG_WARNING;
    return g_strdup_printf(g_dngettext(GETTEXT_PACKAGE, "%u frame arrived damaged",
                                       "%u frames arrived damaged", event->number),
                           event->number);
  case SY_EVENT_LEAVING:
    return g_strdup(sy_leaving_to_string(event->cause));
  case SY_EVENT_COMMITTED:
    return g_strdup_printf(_("%s is sealed; bank record %u stands"),
                           sy_bank_to_string(session->progress.bank), event->number);
  case SY_EVENT_CONFIRMED:
    return g_strdup_printf(event->number != 0
                               ? _("The program has proved itself; bank record %u confirms it")
                               : _("The program is confirmed already"),
                           event->number);
  case SY_EVENT_FINISHED:
    return dup_finished_text(session, level);
  case SY_EVENT_READING:
  default:
    return NULL;
  }
}
