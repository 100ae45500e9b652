/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyWindow: the jobs of the board: how they begin, the question before they lose something, what
 * became of them. Meanwhile the computer stays awake, the file stays as it is, and closing asks. */

#include "sy-config.h"

#include "sy-window-private.h"

#include "sy-announce.h"
#include "sy-board-report.h"

#include <glib/gi18n.h>

/* What a question is about. */
typedef struct {
  GPtrArray *rows; /* of SyBoardRow */
  GPtrArray *harmless;
  char *body; /* that was asked */
} Asked;

static void asked_free(gpointer data)
{
  Asked *asked = data;

  g_ptr_array_unref(asked->rows);
  g_ptr_array_unref(asked->harmless);
  g_free(asked->body);
  g_free(asked);
}

static void start_rows(SyWindow *self, GPtrArray *rows)
{
  if (!self->release || sy_release_get_error(self->release))
    return;
  sy_board_page_begin(self->board_page, rows);
  g_free(self->board_file);
  self->board_file = g_strdup(self->file_name);
  for (guint n = 0; n < rows->len; n++)
    /* A row that is busy goes on with what it does. */
    if (!sy_board_start_row(self->board, rows->pdata[n], self->release, FALSE))
      g_debug("%s is busy", sy_board_row_get_title(rows->pdata[n]));
}

static void on_answer(AdwMessageDialog *dialog, const char *response, SyWindow *self)
{
  Asked *asked = g_object_get_data(G_OBJECT(dialog), "asked");
  SyPlanInput input = sy_window_get_board_input(self);
  g_autoptr(SyBoardQuestion) now = sy_board_question_new(asked->rows, &input);
  gboolean some = g_str_equal(response, "some");

  if (!some && !g_str_equal(response, "all"))
    return;
  /* Substations may have gone or other programs run by now. */
  if (g_strcmp0(now->body, asked->body) != 0)
    sy_window_tell(self, _("The substations or the file are others by now; look again"));
  else
    start_rows(self, some ? asked->harmless : asked->rows);
}

static void on_dialog_destroyed(SyWindow *self)
{
  self->board_dialog = NULL;
  sy_window_update_board(self);
}

static void ask(SyWindow *self, GPtrArray *rows, SyBoardQuestion *question)
{
  Asked *asked = g_new0(Asked, 1);
  guint others = question->harmless->len;
  g_autofree char *heading = g_strdup_printf(
      ngettext("Upgrade %u Substation?", "Upgrade %u Substations?", rows->len), rows->len);
  g_autofree char *some =
      /* Translators: button: leaves out those that would lose something. */
      g_strdup_printf(ngettext("Only the _Other %u", "Only the _Other %u", others), others);
  g_autofree char *all =
      g_strdup_printf(ngettext("_Upgrade It", "_Upgrade All %u", rows->len), rows->len);
  AdwMessageDialog *dialog =
      ADW_MESSAGE_DIALOG(adw_message_dialog_new(GTK_WINDOW(self), heading, question->body));

  asked->rows = g_ptr_array_ref(rows);
  asked->harmless = g_ptr_array_ref(question->harmless);
  asked->body = g_strdup(question->body);
  g_object_set_data_full(G_OBJECT(dialog), "asked", asked, asked_free);
  adw_message_dialog_add_response(dialog, "cancel", _("_Cancel"));
  if (others > 0)
    adw_message_dialog_add_response(dialog, "some", some);
  adw_message_dialog_add_response(dialog, "all", all);
  adw_message_dialog_set_response_appearance(dialog, "all", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response(dialog, "cancel");
  adw_message_dialog_set_close_response(dialog, "cancel");
  self->board_dialog = dialog;
  g_signal_connect_object(dialog, "response", G_CALLBACK(on_answer), self, 0);
  g_signal_connect_object(dialog, "destroy", G_CALLBACK(on_dialog_destroyed), self,
                          G_CONNECT_SWAPPED);
  gtk_window_present(GTK_WINDOW(dialog));
}

/* Asks first where something is lost. */
static void begin_rows(SyWindow *self, GPtrArray *rows)
{
  SyPlanInput input = sy_window_get_board_input(self);
  g_autoptr(SyBoardQuestion) question = NULL;

  if (rows->len == 0 || self->board_dialog)
    return;
  question = sy_board_question_new(rows, &input);
  if (question->body)
    ask(self, rows, question);
  else
    start_rows(self, rows);
}

void sy_window_upgrade_board(SyWindow *self)
{
  SyPlanInput input = sy_window_get_board_input(self);
  g_autoptr(SyBoardPlan) plan = sy_board_plan_new(self->board, &input);

  if (!plan->reason && self->board_page)
    begin_rows(self, plan->ready);
}

static void activate_upgrade(GtkWidget *widget, const char *action, GVariant *parameter)
{
  sy_window_upgrade_board(SY_WINDOW(widget));
}

static void activate_retry(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyWindow *self = SY_WINDOW(widget);
  SyPlanInput input = sy_window_get_board_input(self);
  g_autoptr(SyBoardPlan) plan = sy_board_plan_new(self->board, &input);

  if (!sy_board_is_running(self->board) && self->board_page)
    begin_rows(self, plan->failures);
}

static void activate_start_row(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyWindow *self = SY_WINDOW(widget);
  g_autoptr(GPtrArray) rows = sy_window_list_board_rows(self, g_variant_get_uint32(parameter), 1);

  if (!self->release || sy_release_get_error(self->release))
    sy_window_tell(self, _("Open a release file first."));
  else if (rows->len == 1 && !sy_board_row_is_busy(rows->pdata[0]))
    begin_rows(self, rows);
}

static void activate_cancel(GtkWidget *widget, const char *action, GVariant *parameter)
{
  sy_board_cancel(SY_WINDOW(widget)->board);
}

static void activate_cancel_row(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyWindow *self = SY_WINDOW(widget);
  SyBoardRow *row = sy_board_get_row(self->board, g_variant_get_uint32(parameter));

  if (row)
    sy_board_cancel_row(self->board, row);
}

/* --- what became of it --- */

void sy_window_copy_board(SyWindow *self, gboolean as_csv)
{
  SyBoardReport report = {
      .board = self->board,
      .file = self->board_file,
      .time_us = self->board_end_us > 0 ? self->board_end_us : g_get_real_time(),
  };
  g_autofree char *text =
      as_csv ? sy_board_report_dup_csv(&report) : sy_board_report_dup_text(&report);

  gdk_clipboard_set_text(gtk_widget_get_clipboard(GTK_WIDGET(self)), text);
  sy_window_tell(self, _("Copied"));
}

static void activate_copy(GtkWidget *widget, const char *action, GVariant *parameter)
{
  sy_window_copy_board(SY_WINDOW(widget),
                       g_str_equal(g_variant_get_string(parameter, NULL), "csv"));
}

static void inhibit(SyWindow *self)
{
  GtkApplication *application = gtk_window_get_application(GTK_WINDOW(self));

  if (application && self->board_cookie == 0)
    self->board_cookie =
        gtk_application_inhibit(application, GTK_WINDOW(self),
                                GTK_APPLICATION_INHIBIT_SUSPEND | GTK_APPLICATION_INHIBIT_LOGOUT,
                                _("Substations change their programs"));
}

static void uninhibit(SyWindow *self)
{
  GtkApplication *application = gtk_window_get_application(GTK_WINDOW(self));

  if (application && self->board_cookie != 0)
    gtk_application_uninhibit(application, self->board_cookie);
  self->board_cookie = 0;
}

static void on_running(SyWindow *self)
{
  if (sy_board_is_running(self->board)) {
    sy_window_withdraw_notification(self);
    inhibit(self);
  }
  sy_window_update_plan(self);
}

static void on_finished(SyWindow *self)
{
  SyBoardCounts counts = sy_board_get_counts(self->board);
  g_autofree char *summary = sy_board_dup_summary(self->board);

  uninhibit(self);
  self->board_end_us = g_get_real_time();
  sy_window_notify_board(self, counts.states[SY_BOARD_PASSED] == counts.total, summary);
  if (self->board_page)
    sy_announce(GTK_WIDGET(self->board_page), summary, SY_URGENCY_ASSERTIVE);
  sy_window_end_closing(self);
}

void sy_window_class_init_board_jobs(GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action(widget_class, "win.board-upgrade", NULL, activate_upgrade);
  gtk_widget_class_install_action(widget_class, "win.board-retry", NULL, activate_retry);
  gtk_widget_class_install_action(widget_class, "win.board-cancel", NULL, activate_cancel);
  gtk_widget_class_install_action(widget_class, "win.board-start-row", "u", activate_start_row);
  gtk_widget_class_install_action(widget_class, "win.board-cancel-row", "u", activate_cancel_row);
  gtk_widget_class_install_action(widget_class, "win.board-copy", "s", activate_copy);
}

void sy_window_init_board_jobs(SyWindow *self)
{
  g_signal_connect_object(self->board, "notify::running", G_CALLBACK(on_running), self,
                          G_CONNECT_SWAPPED);
  g_signal_connect_object(self->board, "finished", G_CALLBACK(on_finished), self,
                          G_CONNECT_SWAPPED);
}

/* Jobs that run find out what runs, and end. */
void sy_window_dispose_board_jobs(SyWindow *self)
{
  sy_board_cancel(self->board);
  uninhibit(self);
  g_clear_pointer(&self->board_file, g_free);
}
