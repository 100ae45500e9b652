/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The window in a language that nobody speaks: whatever a person sees or hears comes through
 * gettext, and has room when it is longer than in English. And in those that people speak, by the
 * program's argument: their texts have room, and no two the same access key. */

#include "board-fixture.h"

#include "sy-image-panel.h"
#include "sy-link.h"
#include "temp-folder.h"
#include "text-walk.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum {
  SETTLE_MS = 300,
  LOOKS = 10,
  WIDE = 1200,
  HALF = 683,
  NARROW = 360,
  DIALOG = 600,
  HEIGHT = 800
};

/* The one that is made for this test. */
#define PSEUDO "pseudo"

static const char *language;

typedef struct {
  SyWindow *window;
  int width;
  TextFaults *faults;
} Scenes;

static void find_faults(Scenes *scenes, GtkWidget *window, const char *scene, TextFaults *faults)
{
  if (g_str_equal(language, PSEUDO))
    text_walk_find_plain(faults, scene);
  text_walk_find_clashes(window, faults, scene);
  if (!GTK_IS_SHORTCUTS_WINDOW(window)) /* GTK lays it out, and scrolls it when it is too wide */
    text_walk_find_cut(window, scenes->width, faults, scene);
}

/* What is not laid out yet, or slides in, has no room for a moment. */
static void find_lasting_faults(Scenes *scenes, GtkWidget *window, const char *scene)
{
  for (int n = 0; n < LOOKS; n++) {
    g_autoptr(GString) faults = g_string_new(NULL);

    test_spin_ms(SETTLE_MS);
    find_faults(scenes, window, scene, faults);
    if (faults->len == 0)
      return;
    if (n == LOOKS - 1)
      g_string_append(scenes->faults, faults->str);
  }
}

static void look_at(Scenes *scenes, GtkWidget *window, const char *name)
{
  g_autofree char *scene = g_strdup_printf("%s, %d px", name, scenes->width);
  g_autofree char *picture = g_strdup_printf("%s-%s-%d", language, name, scenes->width);

  find_lasting_faults(scenes, window, scene);
  test_picture_of(window, picture);
}

static void look(Scenes *scenes, const char *name)
{
  look_at(scenes, GTK_WIDGET(scenes->window), name);
}

static Scenes begin(int width)
{
  return (Scenes){
      .window = test_window_new_sized(width, HEIGHT), .width = width, .faults = g_string_new(NULL)};
}

static void end(Scenes *scenes)
{
  g_auto(GStrv) found = g_strsplit(scenes->faults->str, "\n", -1);
  gboolean none = scenes->faults->len == 0;

  g_string_free(scenes->faults, TRUE);
  test_window_close(scenes->window);
  for (char **fault = found; *fault && **fault; fault++)
    print_message("# %s\n", *fault); /* one message takes 1,000 characters only */
  assert_true(none);
}

static void act(Scenes *scenes, const char *action, const char *parameter)
{
  assert_true(gtk_widget_activate_action_variant(
      GTK_WIDGET(scenes->window), action, parameter ? g_variant_new_string(parameter) : NULL));
}

static void open_firmware(Scenes *scenes, const char *name)
{
  g_autofree char *path = g_build_filename(test_file("SWITCHYARD_FIRMWARE_DIR"), name, NULL);

  test_open(scenes->window, path);
  test_wait(scenes->window, test_has_release, "the file to be read");
}

/* The newest window that is not `except`. */
static GtkWidget *find_other_window(GtkWidget *except)
{
  GListModel *windows = gtk_window_get_toplevels();

  for (guint n = 0; n < g_list_model_get_n_items(windows); n++) {
    g_autoptr(GtkWidget) window = g_list_model_get_item(windows, n);

    if (window != except && gtk_widget_get_mapped(window))
      return window;
  }
  return NULL;
}

static gboolean has_other_window(SyWindow *window)
{
  return find_other_window(GTK_WIDGET(window)) != NULL;
}

/* A dialog or window that an action opens; it is closed again. */
static void look_at_other(Scenes *scenes, const char *action, const char *name)
{
  GtkWidget *other;

  act(scenes, action, NULL);
  test_wait(scenes->window, has_other_window, name);
  other = find_other_window(GTK_WIDGET(scenes->window));
  if (!GTK_IS_SHORTCUTS_WINDOW(other) && !ADW_IS_MESSAGE_DIALOG(other))
    gtk_window_set_default_size(GTK_WINDOW(other), MIN(scenes->width, DIALOG), HEIGHT);
  look_at(scenes, other, name);
  if (GTK_IS_SHORTCUTS_WINDOW(other))
    gtk_widget_set_visible(other, FALSE);
  else
    gtk_window_close(GTK_WINDOW(other));
  test_spin_ms(SETTLE_MS);
}

static void look_at_pages(Scenes *scenes)
{
  GtkWidget *pages = test_child(scenes->window, SY_TYPE_WINDOW, "pages");
  g_autoptr(GtkSelectionModel) model = adw_view_stack_get_pages(ADW_VIEW_STACK(pages));

  act(scenes, "win.page", "substation");
  look(scenes, "substation");
  for (guint n = 0; n < g_list_model_get_n_items(G_LIST_MODEL(model)); n++) {
    g_autoptr(AdwViewStackPage) page = g_list_model_get_item(G_LIST_MODEL(model), n);
    const char *name = adw_view_stack_page_get_name(page);

    if (!adw_view_stack_page_get_visible(page))
      continue;
    act(scenes, "win.page", name);
    look(scenes, name);
  }
  act(scenes, "win.page", "image");
}

static void look_at_the_board(Scenes *scenes)
{
  SyWindow *window = scenes->window;

  act(scenes, "win.page", "board");
  look_at_other(scenes, "win.board-add", "board-add");
  board_act(window, "win.board-practise", 2);
  sy_window_add_to_board(window, "/dev/ttyNone0");
  test_wait(window, board_is_all_told, "the substations to answer");
  look(scenes, "board-known");
  test_lengthen_line(board_get_station(window, 0)); /* or it may be over before it is seen */
  board_act(window, "win.board-start-row", 0);
  look(scenes, "board-running");
  board_shorten_lines(window);
  test_wait(window, board_is_over, "it to end");
  look(scenes, "board-ended");
  gtk_widget_activate_action(GTK_WIDGET(window), "win.board-remove-all", NULL);
  act(scenes, "win.page", "image");
}

static gboolean is_lost(SyWindow *window)
{
  return sy_station_get_state(sy_window_get_station(window)) == SY_STATION_UNREACHABLE;
}

static void look_before_an_upgrade(Scenes *scenes)
{
  look(scenes, "empty");
  test_wait(scenes->window, test_is_connected, "the substation to answer");
  look(scenes, "connected");
  open_firmware(scenes, "release.hex");
  test_wait(scenes->window, test_can_upgrade, "the button to be ready");
  look_at_pages(scenes);
  act(scenes, "win.view", "bytes");
  look(scenes, "bytes");
  act(scenes, "win.find", NULL);
  look(scenes, "find");
  act(scenes, "win.go-to", NULL);
  look(scenes, "go-to");
  act(scenes, "win.view", "findings");
  look(scenes, "findings");
  act(scenes, "win.view", "summary");
  look_at_other(scenes, "win.save", "save");
  look_at_other(scenes, "win.network-port", "network-port");
  look_at_other(scenes, "win.lines", "lines");
  look_at_other(scenes, "win.show-help-overlay", "shortcuts");
}

static void look_at_an_upgrade(Scenes *scenes)
{
  open_firmware(scenes, "release-large-1.3.0.hex");
  test_wait(scenes->window, test_can_upgrade, "the button to be ready");
  test_start_writing(scenes->window);
  test_press(scenes->window, "cancel_button"); /* at once: looking takes as long as an upgrade */
  test_wait(scenes->window, test_is_end_shown, "the upgrade to end");
  look(scenes, "cancelled");
  test_wait(scenes->window, test_can_upgrade, "the button to be ready");
  test_start_writing(scenes->window);
  look(scenes, "running");
  test_wait(scenes->window, test_is_end_shown, "the upgrade to end");
  look(scenes, "done");
  look_at_other(scenes, "win.life", "life");
  look_at_other(scenes, "win.go-back", "go-back");
}

static void look_at_trouble(Scenes *scenes)
{
  sy_window_set_port(scenes->window, "/dev/ttyNone0");
  test_wait(scenes->window, is_lost, "the port to fail");
  look_at_pages(scenes);
  test_open(scenes->window, "/absent/release.hex");
  look(scenes, "no-file");
}

static void look_at_all(int width)
{
  Scenes scenes = begin(width);

  look_before_an_upgrade(&scenes);
  look_at_the_board(&scenes);
  look_at_an_upgrade(&scenes);
  look_at_trouble(&scenes);
  end(&scenes);
}

static void all_is_translated_and_has_room_in_a_wide_window(void **state)
{
  look_at_all(WIDE);
}

static void all_is_translated_and_has_room_in_half_a_screen(void **state)
{
  look_at_all(HALF);
}

static void all_is_translated_and_has_room_in_a_narrow_window(void **state)
{
  look_at_all(NARROW);
}

static void all_has_room_in_a_wide_window(void **state)
{
  look_at_all(WIDE);
}

static void all_has_room_in_a_narrow_window(void **state)
{
  look_at_all(NARROW);
}

static void plain_english_would_be_noticed(void **state)
{
  assert_false(text_walk_is_translated("Open"));
  assert_false(text_walk_is_translated("⟦Ûþĝŕåđé⟧ LOW to 1.0.0"));
  assert_true(text_walk_is_translated("⟦Ûþĝŕåđé LOW ţö 1.0.0⟧"));
  assert_true(text_walk_is_translated(_("Open Release")));
  assert_string_not_equal(_("Open Release"), "Open Release");
}

/* The folder of the language's catalogue, made of the sources as they are now; NULL when it could
 * not be made. */
static char *make_language(void)
{
  g_autofree char *folder = temp_folder_new();
  g_autofree char *below = g_build_filename(folder, "pseudo", "LC_MESSAGES", NULL);
  g_autofree char *catalogue = g_build_filename(below, "switchyard.mo", NULL);
  char *argv[] = {"python3",  (char *)g_getenv("SWITCHYARD_TEST_PSEUDO"),
                  "xgettext", (char *)g_getenv("SWITCHYARD_TEST_SOURCES"),
                  catalogue,  NULL};
  g_autoptr(GError) error = NULL;
  int status;

  g_mkdir_with_parents(below, 0755);
  if (g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status,
                   &error) &&
      g_spawn_check_wait_status(status, &error))
    return g_steal_pointer(&folder);
  g_printerr("# %s\n", error->message);
  temp_folder_remove(g_steal_pointer(&folder));
  return NULL;
}

/* Where the catalogue is that is looked at, and whether it must be removed. */
static char *find_language(gboolean *made)
{
  *made = g_str_equal(language, PSEUDO);
  return *made ? make_language() : g_strdup(test_file("SWITCHYARD_LOCALE_DIR"));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest pseudo_tests[] = {
      cmocka_unit_test(plain_english_would_be_noticed),
      cmocka_unit_test(all_is_translated_and_has_room_in_a_wide_window),
      cmocka_unit_test(all_is_translated_and_has_room_in_half_a_screen),
      cmocka_unit_test(all_is_translated_and_has_room_in_a_narrow_window),
  };
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_has_room_in_a_wide_window),
      cmocka_unit_test(all_has_room_in_a_narrow_window),
  };
  g_autofree char *folder = NULL;
  gboolean made;
  int failed;

  language = argc > 1 ? argv[1] : PSEUDO;
  folder = find_language(&made);
  if (!folder)
    return 1;
  g_setenv("LANGUAGE", language, TRUE);
  setlocale(LC_ALL, "C.UTF-8");
  bindtextdomain(GETTEXT_PACKAGE, folder);
  bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
  textdomain(GETTEXT_PACKAGE);
  if (!test_application_start()) {
    g_print("1..0 # SKIP no display\n");
    return 0;
  }
  failed = made ? cmocka_run_group_tests_name("languages", pseudo_tests, NULL, NULL)
                : cmocka_run_group_tests_name("languages", tests, NULL, NULL);
  test_application_stop();
  if (made)
    temp_folder_remove(g_steal_pointer(&folder));
  return failed;
}
