/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyWindow: says to the desktop how a job ended, when nobody looks at the window. */

#include "sy-config.h"

#include "sy-window-private.h"

#include "sy-text.h"

#include <glib/gi18n.h>

#define NOTIFICATION_ID "job-ended"

/* Its questions count as the window itself. */
static gboolean is_looked_at(SyWindow *self)
{
  g_autoptr(GList) windows = gtk_window_list_toplevels();

  for (GList *l = windows; l; l = l->next) {
    GtkWindow *window = l->data;

    if (gtk_window_is_active(window) &&
        (window == GTK_WINDOW(self) || gtk_window_get_transient_for(window) == GTK_WINDOW(self)))
      return TRUE;
  }
  return FALSE;
}

typedef struct {
  const char *done, *failed;
} Headings;

static Headings get_headings(SyJob job)
{
  switch (job) {
  case SY_JOB_CONFIRM:
    return (Headings){_("Program Confirmed"), _("Program Not Confirmed")};
  case SY_JOB_GO_BACK:
    return (Headings){_("Gone Back"), _("Did Not Go Back")};
  case SY_JOB_READ:
    return (Headings){_("Substation Read"), _("Reading Failed")};
  case SY_JOB_CHECK:
    return (Headings){_("Dry Run Passed"), _("Dry Run Failed")};
  case SY_JOB_IDENTIFY:
  case SY_JOB_UPGRADE:
  default:
    return (Headings){_("Upgrade Done"), _("Upgrade Failed")};
  }
}

static void notify(SyWindow *self, const char *heading, const char *body,
                   GNotificationPriority priority)
{
  GApplication *application = G_APPLICATION(gtk_window_get_application(GTK_WINDOW(self)));
  g_autoptr(GNotification) notification = NULL;

  if (!application || self->closing || is_looked_at(self))
    return;
  notification = g_notification_new(heading);
  g_notification_set_body(notification, body);
  g_notification_set_priority(notification, priority);
  /* Without an action of its own a click activates the application, which presents the window. */
  g_application_send_notification(application, NOTIFICATION_ID, notification);
  self->notified = TRUE;
}

static GNotificationPriority get_priority(const SyResult *result)
{
  if (!result || result->outcome == SY_OUTCOME_REFUSED || result->outcome == SY_OUTCOME_LINK)
    return G_NOTIFICATION_PRIORITY_HIGH;
  if (result->outcome == SY_OUTCOME_DONE)
    return G_NOTIFICATION_PRIORITY_NORMAL;
  return result->outcome == SY_OUTCOME_UNKNOWN ? G_NOTIFICATION_PRIORITY_URGENT
                                               : G_NOTIFICATION_PRIORITY_HIGH;
}

static gboolean is_cancelled(const SyResult *result, const GError *error)
{
  return result ? result->reason == SY_REASON_CANCELLED
                : g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

void sy_window_notify_end(SyWindow *self, const SyResult *result, const GError *error)
{
  gboolean done = result && result->outcome == SY_OUTCOME_DONE;
  Headings headings = get_headings(self->job);
  g_autofree char *sentence = result ? sy_result_dup_sentence(self->job, result) : NULL;
  const char *heading = headings.failed;

  if (done)
    heading = headings.done;
  else if (is_cancelled(result, error))
    heading = _("Cancelled");
  notify(self, heading, sentence ? sentence : error->message, get_priority(result));
}

void sy_window_notify_board(SyWindow *self, gboolean passed, const char *summary)
{
  notify(self, passed ? _("All Substations Upgraded") : _("Not All Substations Upgraded"), summary,
         passed ? G_NOTIFICATION_PRIORITY_NORMAL : G_NOTIFICATION_PRIORITY_HIGH);
}

void sy_window_withdraw_notification(SyWindow *self)
{
  GApplication *application = G_APPLICATION(gtk_window_get_application(GTK_WINDOW(self)));

  if (application && self->notified)
    g_application_withdraw_notification(application, NOTIFICATION_ID);
  self->notified = FALSE;
}

static void on_active(SyWindow *self)
{
  if (gtk_window_is_active(GTK_WINDOW(self)))
    sy_window_withdraw_notification(self);
}

void sy_window_init_notify(SyWindow *self)
{
  g_signal_connect(self, "notify::is-active", G_CALLBACK(on_active), NULL);
}
