/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyWindow: actions, the file chooser, and files dropped on the window. */

#include "sy-config.h"

#include "sy-window-private.h"

#include "sy-settings.h"

#include <glib/gi18n.h>

static void on_chosen(GtkNativeDialog *chooser, int response, SyWindow *self)
{
  if (response == GTK_RESPONSE_ACCEPT) {
    g_autoptr(GFile) file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(chooser));

    if (file)
      sy_window_open(self, file);
  }
  g_object_unref(chooser);
}

static void add_filter(GtkFileChooser *chooser, const char *name, const char *const *patterns)
{
  g_autoptr(GtkFileFilter) filter = gtk_file_filter_new();

  gtk_file_filter_set_name(filter, name);
  for (; *patterns; patterns++)
    gtk_file_filter_add_pattern(filter, *patterns);
  gtk_file_chooser_add_filter(chooser, filter);
}

void sy_window_add_filters(GtkFileChooser *chooser)
{
  static const char *const known[] = {"*.hex", "*.HEX", "*.ihex", "*.ihx",  "*.s19",
                                      "*.S19", "*.s28", "*.s37",  "*.srec", "*.mot",
                                      "*.bin", "*.BIN", NULL};
  static const char *const hex[] = {"*.hex", "*.HEX", "*.ihex", "*.ihx", NULL};
  static const char *const all[] = {"*", NULL};

  add_filter(chooser, _("Program files"), known);
  add_filter(chooser, _("Intel HEX files"), hex);
  add_filter(chooser, _("All files"), all);
}

void sy_window_begin_beside(SyWindow *self, GtkFileChooser *chooser)
{
  SyImageFile *file = self->release ? sy_release_get_file(self->release) : NULL;
  g_autofree char *last = g_settings_get_string(sy_settings_get(), "last-folder");
  g_autoptr(GFile) folder = file ? g_file_get_parent(sy_image_file_get_file(file)) : NULL;

  if (!folder && *last)
    folder = g_file_new_for_uri(last);
  if (folder)
    gtk_file_chooser_set_current_folder(chooser, folder, NULL);
}

static void activate_open(GtkWidget *widget, const char *action, GVariant *parameter)
{
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new(
      _("Open Release"), GTK_WINDOW(widget), GTK_FILE_CHOOSER_ACTION_OPEN, _("_Open"), NULL);

  sy_window_add_filters(GTK_FILE_CHOOSER(chooser));
  sy_window_begin_beside(SY_WINDOW(widget), GTK_FILE_CHOOSER(chooser));
  g_signal_connect_object(chooser, "response", G_CALLBACK(on_chosen), widget, 0);
  gtk_native_dialog_show(GTK_NATIVE_DIALOG(chooser));
}

static void activate_keep(GtkWidget *widget, const char *action, GVariant *parameter)
{
  sy_window_keep(SY_WINDOW(widget));
}

static void activate_go_back(GtkWidget *widget, const char *action, GVariant *parameter)
{
  sy_window_ask_go_back(SY_WINDOW(widget));
}

static void activate_cancel(GtkWidget *widget, const char *action, GVariant *parameter)
{
  sy_window_cancel_job(SY_WINDOW(widget));
}

static void activate_life(GtkWidget *widget, const char *action, GVariant *parameter)
{
  sy_window_show_life(SY_WINDOW(widget));
}

/* Not left to GTK, which would build the list before the window, for everybody, each time. */
static void activate_show_help_overlay(GtkWidget *widget, const char *action, GVariant *parameter)
{
  GtkApplicationWindow *window = GTK_APPLICATION_WINDOW(widget);
  GtkShortcutsWindow *overlay = gtk_application_window_get_help_overlay(window);

  if (!overlay) {
    g_autoptr(GtkBuilder) builder =
        gtk_builder_new_from_resource("/dev/switchyard/Workstation/ui/help-overlay.ui");

    overlay = GTK_SHORTCUTS_WINDOW(gtk_builder_get_object(builder, "help_overlay"));
    gtk_application_window_set_help_overlay(window, overlay);
  }
  gtk_window_present(GTK_WINDOW(overlay));
}

static void activate_page(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyWindow *self = SY_WINDOW(widget);
  const char *name = g_variant_get_string(parameter, NULL);
  GtkWidget *stand_in = adw_view_stack_get_child_by_name(self->narrow_pages, name);

  if (!stand_in ||
      !adw_view_stack_page_get_visible(adw_view_stack_get_page(self->narrow_pages, stand_in)))
    return;
  if (adw_view_stack_get_child_by_name(self->pages, name))
    adw_view_stack_set_visible_child_name(self->pages, name);
  adw_view_stack_set_visible_child_name(self->narrow_pages, name);
}

static gboolean on_drop(GtkDropTarget *target, const GValue *value, double x, double y,
                        SyWindow *self)
{
  GSList *files = g_value_get_boxed(value);
  guint count = g_slist_length(files);
  g_autofree char *text = NULL;

  if (!files)
    return FALSE;
  sy_window_open(self, files->data);
  if (count > 1 && !sy_window_is_working(self)) {
    text = g_strdup_printf(ngettext("Only the first of %u file is opened",
                                    "Only the first of %u files is opened", count),
                           count);
    sy_window_tell(self, text);
  }
  return TRUE;
}

void sy_window_class_init_actions(GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action(widget_class, "win.open", NULL, activate_open);
  gtk_widget_class_install_action(widget_class, "win.keep", NULL, activate_keep);
  gtk_widget_class_install_action(widget_class, "win.go-back", NULL, activate_go_back);
  gtk_widget_class_install_action(widget_class, "win.cancel", NULL, activate_cancel);
  gtk_widget_class_install_action(widget_class, "win.life", NULL, activate_life);
  gtk_widget_class_install_action(widget_class, "win.page", "s", activate_page);
  gtk_widget_class_install_action(widget_class, "win.show-help-overlay", NULL,
                                  activate_show_help_overlay);
  /* Not an accelerator of the application: that would come before an open menu, which Escape is to
   * close. */
  gtk_widget_class_add_binding_action(widget_class, GDK_KEY_Escape, 0, "win.cancel", NULL);
}

void sy_window_init_actions(SyWindow *self)
{
  GtkDropTarget *target = gtk_drop_target_new(GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  g_signal_connect_object(target, "drop", G_CALLBACK(on_drop), self, 0);
  gtk_widget_add_controller(GTK_WIDGET(self), GTK_EVENT_CONTROLLER(target));
}

void sy_window_update_actions(SyWindow *self, const SyPlan *plan)
{
  GtkWidget *widget = GTK_WIDGET(self);
  gboolean running = self->job_cancellable != NULL;
  gboolean working = sy_window_is_working(self);

  gtk_widget_action_set_enabled(widget, "win.open", !working);
  gtk_widget_action_set_enabled(widget, "win.open-recent", !working);
  gtk_widget_action_set_enabled(widget, "win.find-station", !running && !self->find_cancellable);
  gtk_widget_action_set_enabled(widget, "win.network-port", !running);
  sy_window_update_upgrade_actions(self, plan);
  gtk_widget_action_set_enabled(widget, "win.cancel",
                                running && !g_cancellable_is_cancelled(self->job_cancellable));
  sy_window_update_go_back(self);
  sy_window_update_image_actions(self);
  gtk_widget_set_tooltip_text(GTK_WIDGET(self->open_button),
                              working ? _("A file can be opened when the running job has ended")
                                      : _("Open a release (Ctrl+O)"));
}
