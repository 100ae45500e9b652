/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyWindow: runs an upgrade, a way back, or the confirmation of a program on trial. Meanwhile the
 * computer stays awake, port and file stay as they are, and closing asks. */

#include "sy-config.h"

#include "sy-window-private.h"

#include "sy-link.h"

#include <glib/gi18n.h>

static void inhibit(SyWindow *self)
{
  GtkApplication *application = gtk_window_get_application(GTK_WINDOW(self));

  if (application)
    self->inhibit_cookie =
        gtk_application_inhibit(application, GTK_WINDOW(self),
                                GTK_APPLICATION_INHIBIT_SUSPEND | GTK_APPLICATION_INHIBIT_LOGOUT,
                                _("A substation changes its program"));
}

static void uninhibit(SyWindow *self)
{
  GtkApplication *application = gtk_window_get_application(GTK_WINDOW(self));

  if (application && self->inhibit_cookie != 0)
    gtk_application_uninhibit(application, self->inhibit_cookie);
  self->inhibit_cookie = 0;
}

static SyDoubt get_doubt(const SyResult *result)
{
  if (result->outcome == SY_OUTCOME_LINK)
    return SY_DOUBT_WHO_IS_THERE;
  /* That it has no program and waits in its loader is known, and goes on being true. */
  if (result->outcome != SY_OUTCOME_UNKNOWN ||
      (result->identified && result->identity.running_bank == WIRE_BANK_NONE))
    return SY_DOUBT_NONE;
  return SY_DOUBT_WHAT_RUNS;
}

static void show_end(SyWindow *self, const SyResult *result)
{
  SyFlashMap *map = sy_station_panel_get_flash_map(self->station_panel);

  /* After a failure the map goes on showing how far it came. A program that was whole and then left
   * is one that waits in its bank. */
  gboolean whole = result->outcome == SY_OUTCOME_DONE || result->reason == SY_REASON_RETURNED;

  sy_flash_map_set_progress(map, whole ? NULL : sy_station_get_progress(self->station));
  sy_progress_panel_finish(self->progress_panel, result);
  sy_window_set_life(self, result);
  sy_window_set_end(self, result);
  self->doubt = get_doubt(result);
}

/* `read` gets what was read, if that was the job and it was done. */
static gboolean finish_job(SyJob job, SyStation *station, GAsyncResult *async_result,
                           SyResult *result, SyImage **read, GError **error)
{
  switch (job) {
  case SY_JOB_CONFIRM:
    return sy_station_confirm_finish(station, async_result, result, error);
  case SY_JOB_GO_BACK:
    return sy_station_go_back_finish(station, async_result, result, error);
  case SY_JOB_CHECK:
    return sy_station_check_finish(station, async_result, result, error);
  case SY_JOB_READ:
    return sy_station_read_finish(station, async_result, result, read, error);
  case SY_JOB_IDENTIFY:
  case SY_JOB_UPGRADE:
  default:
    return sy_station_upgrade_finish(station, async_result, result, error);
  }
}

static void on_job_done(GObject *source, GAsyncResult *async_result, gpointer user_data)
{
  g_autoptr(SyWindow) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(SyImage) read = NULL;
  SyResult result;
  gboolean began = finish_job(self->job, SY_STATION(source), async_result, &result, &read, &error);

  g_clear_object(&self->job_cancellable);
  uninhibit(self);
  if (!self->station) /* disposed meanwhile */
    return;
  sy_station_panel_set_locked(self->station_panel, FALSE);
  if (began) {
    show_end(self, &result);
  } else {
    sy_progress_panel_abandon(self->progress_panel, error);
    if (error->domain == SY_LINK_ERROR)
      self->doubt = SY_DOUBT_WHO_IS_THERE;
  }
  sy_window_notify_end(self, began ? &result : NULL, error);
  sy_window_update_image(self);
  sy_window_end_drill(self, began ? &result : NULL);
  sy_window_update_plan(self);
  if (read)
    sy_window_show_read(self, read);
  sy_window_end_closing(self);
}

void sy_window_end_closing(SyWindow *self)
{
  if (sy_window_is_working(self))
    return;
  /* What was asked no longer matters. */
  if (self->close_dialog)
    gtk_window_destroy(GTK_WINDOW(self->close_dialog));
  if (self->closing)
    gtk_window_destroy(GTK_WINDOW(self));
}

/* The program that the job was about runs, and has proved itself as far as the substation asks for
 * that. */
static gboolean is_wanted_running(const WireIdentity *identity, const SyProgress *progress)
{
  gboolean settled =
      (identity->capabilities & WIRE_CAP_TRIAL) == 0 || identity->trial == WIRE_TRIAL_CONFIRMED;

  return settled && identity->mode == WIRE_MODE_PROGRAM && progress->bank != WIRE_BANK_NONE &&
         identity->running_bank == progress->bank && identity->program_version == progress->version;
}

void sy_window_resolve_doubt(SyWindow *self)
{
  const WireIdentity *identity = sy_station_get_identity(self->station);
  const SyProgress *progress = sy_station_get_progress(self->station);
  gboolean new_runs = self->doubt == SY_DOUBT_WHAT_RUNS && is_wanted_running(identity, progress);

  if (self->doubt == SY_DOUBT_NONE || self->job_cancellable)
    return;
  /* While it is on trial nobody knows yet what will run. */
  if (self->doubt == SY_DOUBT_WHAT_RUNS && identity->trial == WIRE_TRIAL_RUNNING)
    return;
  self->doubt = SY_DOUBT_NONE;
  /* What it says of its banks now is newer than what the upgrade believed to have written. */
  sy_flash_map_set_progress(sy_station_panel_get_flash_map(self->station_panel), NULL);
  sy_progress_panel_heard_again(self->progress_panel, identity, new_runs);
  sy_window_settle_end(self);
}

void sy_window_begin_job(SyWindow *self)
{
  GCancellable *cancellable = self->job_cancellable;

  switch (self->job) {
  case SY_JOB_CONFIRM:
    sy_station_confirm_async(self->station, cancellable, on_job_done, g_object_ref(self));
    break;
  case SY_JOB_GO_BACK:
    sy_station_go_back_async(self->station, cancellable, on_job_done, g_object_ref(self));
    break;
  case SY_JOB_CHECK:
    sy_station_check_async(self->station, self->release, cancellable, on_job_done,
                           g_object_ref(self));
    break;
  case SY_JOB_READ:
    sy_window_begin_read(self, on_job_done);
    break;
  case SY_JOB_IDENTIFY:
  case SY_JOB_UPGRADE:
  default:
    if (self->drill_release)
      sy_station_upgrade_anew_async(self->station, self->drill_release, cancellable, on_job_done,
                                    g_object_ref(self));
    else
      sy_station_upgrade_async(self->station, self->release, cancellable, on_job_done,
                               g_object_ref(self));
    break;
  }
}

void sy_window_start_job(SyWindow *self, SyJob job)
{
  g_return_if_fail(!self->job_cancellable);
  g_return_if_fail(self->station);
  g_return_if_fail(job == SY_JOB_CONFIRM || job == SY_JOB_GO_BACK || self->release ||
                   self->drill_release);

  sy_window_cancel_find(self);
  self->job = job;
  self->job_cancellable = g_cancellable_new();
  self->doubt = SY_DOUBT_NONE;
  sy_window_set_life(self, NULL);
  sy_window_withdraw_notification(self);
  sy_window_set_end(self, NULL);
  inhibit(self);
  sy_flash_map_set_progress(sy_station_panel_get_flash_map(self->station_panel), NULL);
  sy_station_panel_set_locked(self->station_panel, TRUE);
  sy_progress_panel_start(self->progress_panel, job);
  sy_window_update_plan(self);
  /* Where a narrow window shows the flash map. */
  adw_view_stack_set_visible_child_name(self->narrow_pages, "substation");
  /* A refreshing question may be on its way, and a station does one thing at a time: its end
   * begins the job. */
  if (self->identify_cancellable)
    g_cancellable_cancel(self->identify_cancellable);
  else
    sy_window_begin_job(self);
}

void sy_window_cancel_job(SyWindow *self)
{
  if (!self->job_cancellable || g_cancellable_is_cancelled(self->job_cancellable))
    return;
  sy_progress_panel_set_cancelling(self->progress_panel);
  g_cancellable_cancel(self->job_cancellable);
  gtk_widget_action_set_enabled(GTK_WIDGET(self), "win.cancel", FALSE);
}

static void on_close_response(AdwMessageDialog *dialog, const char *response, SyWindow *self)
{
  if (g_strcmp0(response, "close") != 0 || !sy_window_is_working(self))
    return;
  self->closing = TRUE;
  sy_window_cancel_job(self);
  sy_board_cancel(self->board);
}

static char *dup_close_question(SyWindow *self)
{
  const WireIdentity *identity = self->station ? sy_station_get_identity(self->station) : NULL;
  WireBank bank = identity ? (WireBank)identity->running_bank : WIRE_BANK_NONE;
  SyPhase phase = self->station ? sy_station_get_progress(self->station)->phase : SY_PHASE_IDLE;

  if (sy_board_is_running(self->board))
    return g_strdup(_("Closing cancels them. Each substation that is not at its end keeps its old "
                      "program and goes on running it."));
  if (phase == SY_PHASE_WHAT_RUNS || phase == SY_PHASE_FINISHED)
    return g_strdup(_("It is at its end. Closing waits until it is known what the substation "
                      "runs."));
  if (self->job == SY_JOB_CONFIRM)
    return g_strdup(_("Closing cancels it. Unless the program is confirmed by then, the substation "
                      "goes back to its other program by itself."));
  if (self->job == SY_JOB_GO_BACK)
    return g_strdup(_("Closing cancels it: the substation runs the program that it ran before."));
  if (self->job == SY_JOB_READ)
    return g_strdup(_("Closing cancels it. Nothing is changed, and the substation's program runs "
                      "again."));
  if (self->job == SY_JOB_CHECK)
    return g_strdup(_("Closing cancels it. Nothing is changed."));
  if (phase >= SY_PHASE_COMMIT)
    return g_strdup(_("The new program is written and being taken over. Closing cancels that: the "
                      "substation leaves it and runs its old program again."));
  if (bank == WIRE_BANK_NONE)
    return g_strdup(_("Closing cancels the upgrade. The program in the other bank is kept."));
  return g_strdup_printf(_("Closing cancels the upgrade. The program in %s is kept and the "
                           "substation goes on running it."),
                         sy_bank_to_string(bank));
}

static void on_close_dialog_destroyed(SyWindow *self)
{
  self->close_dialog = NULL;
}

typedef struct {
  const char *heading, *stay, *close;
} CloseWords;

static CloseWords get_close_words(SyJob job)
{
  switch (job) {
  case SY_JOB_CONFIRM:
    return (CloseWords){_("A Program Is Being Confirmed"), _("_Keep Confirming"),
                        _("_Cancel and Close")};
  case SY_JOB_GO_BACK:
    return (CloseWords){_("The Substation Is Going Back"), _("_Keep Going Back"),
                        _("_Cancel and Close")};
  case SY_JOB_READ:
    return (CloseWords){_("The Substation Is Being Read"), _("_Keep Reading"),
                        _("_Cancel and Close")};
  case SY_JOB_CHECK:
    return (CloseWords){_("A Dry Run Is Going On"), _("_Keep Checking"), _("_Cancel and Close")};
  case SY_JOB_IDENTIFY:
  case SY_JOB_UPGRADE:
  default:
    return (CloseWords){_("Upgrade Is Running"), _("_Keep Upgrading"),
                        _("_Cancel Upgrade and Close")};
  }
}

static CloseWords get_board_close_words(void)
{
  return (CloseWords){_("Upgrades Are Running"), _("_Keep Upgrading"), _("_Cancel All and Close")};
}

gboolean sy_window_ask_before_close(SyWindow *self)
{
  CloseWords words =
      sy_board_is_running(self->board) ? get_board_close_words() : get_close_words(self->job);
  g_autofree char *question = NULL;

  if (!sy_window_is_working(self))
    return FALSE;
  if (self->close_dialog) {
    gtk_window_present(GTK_WINDOW(self->close_dialog));
    return TRUE;
  }
  question = dup_close_question(self);
  self->close_dialog =
      ADW_MESSAGE_DIALOG(adw_message_dialog_new(GTK_WINDOW(self), words.heading, question));
  adw_message_dialog_add_responses(self->close_dialog, "stay", words.stay, "close", words.close,
                                   NULL);
  adw_message_dialog_set_response_appearance(self->close_dialog, "close", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response(self->close_dialog, "stay");
  adw_message_dialog_set_close_response(self->close_dialog, "stay");
  /* The job stays in sight and in reach. */
  gtk_window_set_modal(GTK_WINDOW(self->close_dialog), FALSE);
  g_signal_connect_object(self->close_dialog, "response", G_CALLBACK(on_close_response), self, 0);
  g_signal_connect_object(self->close_dialog, "destroy", G_CALLBACK(on_close_dialog_destroyed),
                          self, G_CONNECT_SWAPPED);
  gtk_window_present(GTK_WINDOW(self->close_dialog));
  return TRUE;
}
