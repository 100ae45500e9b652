/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The habits of the platform: what a window remembers, recent files, files dropped on it, the
 * style, and the list of keys. */

#include "window-fixture.h"

#include "sy-about.h"
#include "sy-config.h"
#include "sy-settings.h"

#include <glib/gstdio.h>

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { RECENT_MAX = 10, MORE = 3 };

static void reset_settings(void)
{
  static const char *const keys[] = {"window-width", "window-height", "window-maximized", "page",
                                     "last-port",    "last-folder",   "recent-files",     "style"};

  for (guint n = 0; n < G_N_ELEMENTS(keys); n++)
    g_settings_reset(sy_settings_get(), keys[n]);
}

/* --- what a window remembers --- */

static const char *get_page(SyWindow *window)
{
  GtkWidget *pages = test_child(window, SY_TYPE_WINDOW, "pages");

  return adw_view_stack_get_visible_child_name(ADW_VIEW_STACK(pages));
}

/* As a person does. */
static void close_window(SyWindow *window)
{
  gtk_window_close(GTK_WINDOW(window));
  test_window_close(window);
}

static void a_window_comes_back_as_it_was_left(void **state)
{
  SyWindow *window = test_window_new_sized(900, 700);
  int width, height;

  test_wait(window, test_is_connected, "the substation to answer");
  gtk_widget_activate_action(GTK_WIDGET(window), "win.page", "s", "log");
  close_window(window);

  window = test_window_new();
  gtk_window_get_default_size(GTK_WINDOW(window), &width, &height);
  assert_int_equal(width, 900);
  assert_int_equal(height, 700);
  assert_string_equal(get_page(window), "log");
  test_window_close(window);
  reset_settings();
}

static void a_window_fits_on_a_smaller_screen(void **state)
{
  SyWindow *window;
  int width, height;

  g_settings_set_int(sy_settings_get(), "window-width", 5000);
  g_settings_set_int(sy_settings_get(), "window-height", 4000);
  /* Not shown: on X11, GTK would cut it to the screen itself. */
  window = g_object_ref(sy_window_new(GTK_APPLICATION(g_application_get_default())));
  gtk_window_get_default_size(GTK_WINDOW(window), &width, &height);
  assert_int_equal(width, 1920);
  assert_int_equal(height, 1200);
  test_window_close(window);
  reset_settings();
}

static gboolean is_unreachable(SyWindow *window)
{
  return sy_station_get_state(sy_window_get_station(window)) == SY_STATION_UNREACHABLE;
}

static void the_last_port_is_chosen_again_and_waited_for(void **state)
{
  SyWindow *window = test_window_new();

  sy_window_set_port(window, "pty:/nowhere/named-by-hand");
  g_autofree char *kept = g_settings_get_string(sy_settings_get(), "last-port");

  assert_string_equal(kept, "");
  sy_window_set_port(window, "virtual");
  g_free(kept);
  kept = g_settings_get_string(sy_settings_get(), "last-port");
  assert_string_equal(kept, "virtual");
  test_window_close(window);

  g_settings_set_string(sy_settings_get(), "last-port", "usb:0403:6001:NOT-THERE");
  window = test_window_new();
  test_wait(window, is_unreachable, "the adapter is missed");
  assert_int_equal(sy_station_get_trouble(sy_window_get_station(window))->kind, SY_TROUBLE_ABSENT);
  test_window_close(window);
  reset_settings();
}

/* --- recent files --- */

static GMenuModel *get_recent_menu(SyWindow *window)
{
  GtkWidget *button = test_child(window, SY_TYPE_WINDOW, "open_button");

  return adw_split_button_get_menu_model(ADW_SPLIT_BUTTON(button));
}

/* The label of an item of the first section; NULL behind the last. */
static char *dup_recent(SyWindow *window, int position)
{
  GMenuModel *menu = get_recent_menu(window);
  g_autoptr(GMenuModel) files = g_menu_model_get_item_link(menu, 0, G_MENU_LINK_SECTION);
  char *label = NULL;

  if (position < g_menu_model_get_n_items(files))
    g_menu_model_get_item_attribute(files, position, G_MENU_ATTRIBUTE_LABEL, "s", &label);
  return label;
}

static void assert_recent(SyWindow *window, int position, const char *expected)
{
  g_autofree char *label = dup_recent(window, position);

  assert_string_equal(label ? label : "(none)", expected);
}

static gboolean has_text(GtkWidget *widget, const char *text)
{
  if (!gtk_widget_get_mapped(widget))
    return FALSE;
  if (GTK_IS_LABEL(widget) && strstr(gtk_label_get_text(GTK_LABEL(widget)), text))
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
       child = gtk_widget_get_next_sibling(child))
    if (has_text(child, text))
      return TRUE;
  return FALSE;
}

static const char *awaited;

static gboolean shows_awaited(SyWindow *window)
{
  return has_text(GTK_WIDGET(window), awaited);
}

static void wait_for_text(SyWindow *window, const char *text)
{
  awaited = text;
  test_wait(window, shows_awaited, text);
}

static void open_and_wait(SyWindow *window, const char *path)
{
  test_open(window, path);
  test_wait(window, test_has_release, "the file to be read");
}

static char *dup_firmware(const char *name)
{
  return g_build_filename(test_file("SWITCHYARD_FIRMWARE_DIR"), name, NULL);
}

static void opened_files_are_in_the_menu_the_newest_first(void **state)
{
  SyWindow *window = test_window_new();
  g_autofree char *older = dup_firmware("release-1.0.0.hex");
  g_autofree char *newer = dup_firmware("release.hex");

  assert_recent(window, 0, "No Recent Files");
  open_and_wait(window, older);
  open_and_wait(window, newer);
  assert_recent(window, 0, "release.hex");
  assert_recent(window, 1, "release-1.0.0.hex");
  open_and_wait(window, older);
  assert_recent(window, 0, "release-1.0.0.hex");
  assert_recent(window, 1, "release.hex");
  assert_recent(window, 2, "(none)");
  gtk_widget_activate_action(GTK_WIDGET(window), "win.clear-recent", NULL);
  assert_recent(window, 0, "No Recent Files");
  test_window_close(window);
  reset_settings();
}

static gboolean has_opened_older(SyWindow *window)
{
  SyRelease *release = sy_window_get_release(window);
  SyImageFile *file = release ? sy_release_get_file(release) : NULL;
  g_autofree char *name = file ? g_file_get_basename(sy_image_file_get_file(file)) : NULL;

  return g_strcmp0(name, "release-1.0.0.hex") == 0;
}

static void a_recent_file_opens_again(void **state)
{
  SyWindow *window = test_window_new();
  g_autofree char *older = dup_firmware("release-1.0.0.hex");
  g_autofree char *newer = dup_firmware("release.hex");
  g_autofree char *uri = g_filename_to_uri(older, NULL, NULL);

  open_and_wait(window, older);
  open_and_wait(window, newer);
  gtk_widget_activate_action(GTK_WIDGET(window), "win.open-recent", "s", uri);
  test_wait(window, has_opened_older, "the older file to be open again");
  test_window_close(window);
  reset_settings();
}

static void a_recent_file_that_is_gone_says_so_and_leaves_the_list(void **state)
{
  const char *const uris[] = {"file:///nowhere/gone_long_ago.hex", NULL};
  SyWindow *window = test_window_new();

  g_settings_set_strv(sy_settings_get(), "recent-files", uris);
  assert_recent(window, 0, "gone__long__ago.hex"); /* an underscore is no mnemonic */
  gtk_widget_activate_action(GTK_WIDGET(window), "win.open-recent", "s", uris[0]);
  wait_for_text(window, "gone_long_ago.hex is no longer there");
  assert_recent(window, 0, "No Recent Files");
  assert_null(sy_window_get_release(window));
  test_window_close(window);
  reset_settings();
}

static void two_recent_files_of_one_name_are_told_apart(void **state)
{
  const char *const uris[] = {"file:///cabinet-7/release.hex", "file:///cabinet-9/release.hex",
                              "file:///cabinet-9/other.hex", NULL};
  SyWindow *window = test_window_new();

  g_settings_set_strv(sy_settings_get(), "recent-files", uris);
  assert_recent(window, 0, "release.hex (cabinet-7)");
  assert_recent(window, 1, "release.hex (cabinet-9)");
  assert_recent(window, 2, "other.hex");
  test_window_close(window);
  reset_settings();
}

static void ten_recent_files_are_kept(void **state)
{
  SyWindow *window = test_window_new();
  g_autofree char *path = dup_firmware("release.hex");
  g_auto(GStrv) uris = g_new0(char *, RECENT_MAX + MORE + 1);

  for (guint n = 0; n < RECENT_MAX + MORE; n++)
    uris[n] = g_strdup_printf("file:///nowhere/%u.hex", n);
  g_settings_set_strv(sy_settings_get(), "recent-files", (const char *const *)uris);
  open_and_wait(window, path);
  assert_recent(window, 0, "release.hex");
  assert_recent(window, RECENT_MAX - 1, "8.hex");
  assert_recent(window, RECENT_MAX, "(none)");
  test_window_close(window);
  reset_settings();
}

/* --- files dropped on the window --- */

static GtkDropTarget *find_drop_target(SyWindow *window)
{
  g_autoptr(GListModel) controllers = gtk_widget_observe_controllers(GTK_WIDGET(window));

  for (guint n = 0; n < g_list_model_get_n_items(controllers); n++) {
    g_autoptr(GtkEventController) controller = g_list_model_get_item(controllers, n);

    if (GTK_IS_DROP_TARGET(controller))
      return GTK_DROP_TARGET(controller);
  }
  fail_msg("nothing can be dropped on the window");
  return NULL;
}

static void drop(SyWindow *window, GSList *files)
{
  g_auto(GValue) value = G_VALUE_INIT;
  gboolean taken = FALSE;

  g_value_init(&value, GDK_TYPE_FILE_LIST);
  g_value_take_boxed(&value, gdk_file_list_new_from_list(files));
  g_signal_emit_by_name(find_drop_target(window), "drop", &value, 10.0, 10.0, &taken);
  assert_true(taken);
}

static void of_several_files_dropped_the_first_is_opened(void **state)
{
  SyWindow *window = test_window_new();
  g_autofree char *first = dup_firmware("release-1.0.0.hex");
  g_autofree char *second = dup_firmware("release.hex");
  g_autoslist(GFile) files = NULL;

  files = g_slist_prepend(files, g_file_new_for_path(second));
  files = g_slist_prepend(files, g_file_new_for_path(first));
  drop(window, files);
  wait_for_text(window, "Only the first of 2 files is opened");
  test_wait(window, has_opened_older, "the first file to be open");
  test_window_close(window);
  reset_settings();
}

static void what_is_no_file_is_not_taken(void **state)
{
  SyWindow *window = test_window_new();
  GtkDropTarget *target = find_drop_target(window);
  g_autoptr(GdkContentFormats) text = gdk_content_formats_new_for_gtype(G_TYPE_STRING);

  assert_false(gdk_content_formats_match(gtk_drop_target_get_formats(target), text));
  test_window_close(window);
}

static void a_file_dropped_while_a_job_runs_is_refused_with_a_word(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_LARGE");
  g_autofree char *path = dup_firmware("release-1.0.0.hex");
  g_autoslist(GFile) files = g_slist_prepend(NULL, g_file_new_for_path(path));

  test_wait(window, test_can_upgrade, "the button to be ready");
  test_press(window, "upgrade_button");
  drop(window, files);
  wait_for_text(window, "A file can be opened when the running job has ended");
  test_press(window, "cancel_button");
  test_wait(window, test_is_end_shown, "the upgrade to end");
  assert_false(has_opened_older(window));
  test_window_close(window);
  reset_settings();
}

/* --- style and keys --- */

static void the_style_is_chosen_in_the_menu_and_kept(void **state)
{
  SyWindow *window = test_window_new();
  AdwStyleManager *style = adw_style_manager_get_default();
  g_autofree char *kept = NULL;

  g_action_group_activate_action(G_ACTION_GROUP(g_application_get_default()), "style",
                                 g_variant_new_string("dark"));
  assert_true(adw_style_manager_get_dark(style));
  kept = g_settings_get_string(sy_settings_get(), "style");
  assert_string_equal(kept, "dark");
  g_action_group_activate_action(G_ACTION_GROUP(g_application_get_default()), "style",
                                 g_variant_new_string("light"));
  assert_false(adw_style_manager_get_dark(style));
  test_window_close(window);
  reset_settings();
}

static gboolean overlay_shows(GtkWidget *widget, const char *action)
{
  if (g_type_is_a(G_OBJECT_TYPE(widget), GTK_TYPE_SHORTCUTS_SHORTCUT)) {
    g_autofree char *name = NULL;

    g_object_get(widget, "action-name", &name, NULL);
    if (g_strcmp0(name, action) == 0)
      return TRUE;
  }
  for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
       child = gtk_widget_get_next_sibling(child))
    if (overlay_shows(child, action))
      return TRUE;
  return FALSE;
}

static void every_key_of_the_program_is_in_the_list_of_keys(void **state)
{
  GtkApplication *application = GTK_APPLICATION(g_application_get_default());
  g_auto(GStrv) actions = gtk_application_list_action_descriptions(application);
  SyWindow *window = test_window_new();
  GtkWidget *overlay;

  gtk_widget_activate_action(GTK_WIDGET(window), "win.show-help-overlay", NULL);
  overlay = GTK_WIDGET(gtk_application_window_get_help_overlay(GTK_APPLICATION_WINDOW(window)));
  assert_non_null(overlay);
  assert_true(gtk_widget_get_visible(overlay));
  assert_true(g_strv_length(actions) > 10);
  for (char **action = actions; *action; action++) {
    g_auto(GStrv) keys = gtk_application_get_accels_for_action(application, *action);

    if (*keys && !overlay_shows(overlay, *action))
      fail_msg("%s, %s, is not in the list", keys[0], *action);
  }
  test_spin_ms(300);
  test_picture_of(overlay, "keys");
  gtk_window_close(GTK_WINDOW(overlay));
  test_window_close(window);
}

static void about_tells_the_versions_and_the_licence(void **state)
{
  SyWindow *window = test_window_new();
  g_autofree char *info = sy_about_dup_debug_info(GTK_WINDOW(window));
  g_autofree char *gtk = g_strdup_printf("GTK: %u.", gtk_get_major_version());
  g_autoptr(GList) toplevels = NULL;
  GtkWindow *about = NULL;
  GtkLicense licence = GTK_LICENSE_UNKNOWN;

  assert_non_null(strstr(info, "Switchyard: " SY_VERSION "\n"));
  assert_non_null(strstr(info, gtk));
  assert_non_null(strstr(info, "Renderer: GskCairoRenderer\n"));
  g_action_group_activate_action(G_ACTION_GROUP(g_application_get_default()), "about", NULL);
  toplevels = gtk_window_list_toplevels();
  for (GList *l = toplevels; l && !about; l = l->next)
    about = ADW_IS_ABOUT_WINDOW(l->data) ? l->data : NULL;
  assert_non_null(about);
  g_object_get(about, "license-type", &licence, NULL);
  assert_int_equal(licence, GTK_LICENSE_GPL_3_0);
  test_spin_ms(300);
  test_picture_of(GTK_WIDGET(about), "about");
  gtk_window_destroy(about);
  test_window_close(window);
}

static void the_menu_of_recent_files_opens(void **state)
{
  SyWindow *window = test_window_new();
  g_autofree char *older = dup_firmware("release-1.0.0.hex");
  g_autofree char *newer = dup_firmware("release.hex");
  GtkWidget *button = test_child(window, SY_TYPE_WINDOW, "open_button");

  open_and_wait(window, older);
  open_and_wait(window, newer);
  adw_split_button_popup(ADW_SPLIT_BUTTON(button));
  test_spin_ms(400);
  assert_true(
      gtk_widget_get_mapped(GTK_WIDGET(adw_split_button_get_popover(ADW_SPLIT_BUTTON(button)))));
  test_picture_of(GTK_WIDGET(adw_split_button_get_popover(ADW_SPLIT_BUTTON(button))),
                  "recent-menu");
  adw_split_button_popdown(ADW_SPLIT_BUTTON(button));
  test_window_close(window);
  reset_settings();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_window_comes_back_as_it_was_left),
      cmocka_unit_test(a_window_fits_on_a_smaller_screen),
      cmocka_unit_test(the_last_port_is_chosen_again_and_waited_for),
      cmocka_unit_test(opened_files_are_in_the_menu_the_newest_first),
      cmocka_unit_test(a_recent_file_opens_again),
      cmocka_unit_test(a_recent_file_that_is_gone_says_so_and_leaves_the_list),
      cmocka_unit_test(two_recent_files_of_one_name_are_told_apart),
      cmocka_unit_test(ten_recent_files_are_kept),
      cmocka_unit_test(of_several_files_dropped_the_first_is_opened),
      cmocka_unit_test(what_is_no_file_is_not_taken),
      cmocka_unit_test(a_file_dropped_while_a_job_runs_is_refused_with_a_word),
      cmocka_unit_test(the_style_is_chosen_in_the_menu_and_kept),
      cmocka_unit_test(every_key_of_the_program_is_in_the_list_of_keys),
      cmocka_unit_test(about_tells_the_versions_and_the_licence),
      cmocka_unit_test(the_menu_of_recent_files_opens),
  };
  int failed;

  setlocale(LC_ALL, "C.UTF-8");
  if (!test_application_start()) {
    g_print("1..0 # SKIP no display\n");
    return 0;
  }
  failed = cmocka_run_group_tests_name("window habits", tests, NULL, NULL);
  test_application_stop();
  return failed;
}
