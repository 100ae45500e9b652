/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The box that says why there is no substation, with commands longer than it is wide. */

#include "window-fixture.h"

#include "sy-trouble-box.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { NARROW = 320 };

static const SyPortAccess outside = {
    .user = (char *)"ann", .group = (char *)"dialout", .group_may = TRUE};
static const SyPortAccess confined = {
    .user = (char *)"ann", .group = (char *)"nogroup", .is_confined = TRUE};
static const SyPortAccess hidden = {.user = (char *)"ann", .is_confined = TRUE, .is_hidden = TRUE};
static const SyPortRule installed_rule = {
    .is_covered = TRUE,
    .command = (char *)"sudo install -m 644 /usr/share/switchyard/70-switchyard.rules "
                       "/etc/udev/rules.d/ && sudo udevadm control --reload && sudo udevadm "
                       "trigger -s tty"};
static const SyPortRule packed_rule = {
    .is_covered = TRUE,
    .command = (char *)"flatpak run --command=cat dev.switchyard.Workstation "
                       "/app/share/switchyard/70-switchyard.rules | sudo tee "
                       "/etc/udev/rules.d/70-switchyard.rules && sudo udevadm control --reload && "
                       "sudo udevadm trigger -s tty"};

static GtkWidget *box_new(SyTroubleKind kind, const SyPortAccess *access, const SyPortRule *rule)
{
  g_autoptr(SyPortHolders) holders = sy_port_holders_find("/nonexistent", "/nonexistent");
  g_autoptr(SyTrouble) trouble = NULL;
  GtkWidget *box = g_object_new(SY_TYPE_TROUBLE_BOX, "width-request", 300, NULL);

  holders->hidden = holders->modem_manager = TRUE;
  trouble = sy_trouble_new(
      kind, &(SyTroubleFacts){
                .port = "/dev/ttyUSB0", .access = access, .holders = holders, .rule = rule});
  gtk_widget_add_css_class(box, "trouble");
  sy_trouble_box_set_trouble(SY_TROUBLE_BOX(box), trouble);
  return box;
}

static gboolean is_shown(SyWindow *window)
{
  return gtk_widget_get_width(GTK_WIDGET(window)) > 0;
}

/* All of them, below each other, in a window as narrow as the panel gets. */
static GtkWidget *window_new(GtkWidget **boxes, guint count)
{
  GtkWidget *window = adw_window_new();
  GtkWidget *column = gtk_box_new(GTK_ORIENTATION_VERTICAL, 12);

  for (guint i = 0; i < count; i++)
    gtk_box_append(GTK_BOX(column), boxes[i]);
  gtk_widget_set_halign(column, GTK_ALIGN_START);
  gtk_widget_set_size_request(column, NARROW, -1);
  adw_window_set_content(ADW_WINDOW(window), column);
  gtk_window_present(GTK_WINDOW(window));
  test_wait((SyWindow *)window, is_shown, "the window to be there");
  return window;
}

static GtkWidget *label_of(GtkWidget *box, const char *name)
{
  return test_child(box, SY_TYPE_TROUBLE_BOX, name);
}

static void a_long_command_wraps_and_is_seen_whole(void **state)
{
  GtkWidget *boxes[] = {
      box_new(SY_TROUBLE_DENIED, &outside, &installed_rule),
      box_new(SY_TROUBLE_DENIED, &confined, &packed_rule),
      box_new(SY_TROUBLE_ABSENT, &hidden, NULL),
      box_new(SY_TROUBLE_BUSY, NULL, &installed_rule),
  };
  GtkWidget *window = window_new(boxes, G_N_ELEMENTS(boxes));

  (void)state;
  for (guint i = 0; i < G_N_ELEMENTS(boxes); i++) {
    GtkLabel *command = GTK_LABEL(label_of(boxes[i], "command_label"));
    PangoLayout *layout = gtk_label_get_layout(command);

    assert_true(gtk_widget_get_width(boxes[i]) <= NARROW);
    assert_false(pango_layout_is_ellipsized(layout));
    assert_true(pango_layout_get_line_count(layout) > 1);
    assert_true(gtk_widget_get_mapped(GTK_WIDGET(label_of(boxes[i], "note_label"))));
  }
  test_picture_of(window, "trouble-rule-light");
  adw_style_manager_set_color_scheme(adw_style_manager_get_default(), ADW_COLOR_SCHEME_FORCE_DARK);
  test_picture_of(window, "trouble-rule-dark");
  adw_style_manager_set_color_scheme(adw_style_manager_get_default(), ADW_COLOR_SCHEME_DEFAULT);
  gtk_window_destroy(GTK_WINDOW(window));
}

static char *copied;

static void on_read(GObject *source, GAsyncResult *result, gpointer user_data)
{
  (void)user_data;
  copied = gdk_clipboard_read_text_finish(GDK_CLIPBOARD(source), result, NULL);
}

static gboolean is_copied(SyWindow *window)
{
  (void)window;
  return copied != NULL;
}

static void a_long_command_is_copied_as_one_line(void **state)
{
  GtkWidget *box = box_new(SY_TROUBLE_DENIED, &confined, &packed_rule);
  GtkWidget *window = window_new(&box, 1);

  (void)state;
  g_signal_emit_by_name(label_of(box, "copy_button"), "clicked");
  gdk_clipboard_read_text_async(gtk_widget_get_clipboard(box), NULL, on_read, NULL);
  test_wait(NULL, is_copied, "the command to be copied");
  assert_string_equal(copied, packed_rule.command);
  g_clear_pointer(&copied, g_free);
  gtk_window_destroy(GTK_WINDOW(window));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_long_command_wraps_and_is_seen_whole),
      cmocka_unit_test(a_long_command_is_copied_as_one_line),
  };
  int failed;

  setlocale(LC_ALL, "C.UTF-8");
  if (!test_application_start())
    return 77;
  failed = cmocka_run_group_tests_name("trouble box", tests, NULL, NULL);
  test_application_stop();
  return failed;
}
