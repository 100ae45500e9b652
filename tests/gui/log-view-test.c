/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The log page: what of the log is shown, pausing it, and taking it along. */

#include "part-fixture.h"

#include "sy-log-line.h"
#include "sy-log-rows.h"
#include "sy-log-save.h"
#include "sy-log-view.h"
#include "temp-folder.h"

#include <json-glib/json-glib.h>

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { WIDTH = 800, HEIGHT = 500, NARROW = 360, MANY = 3000 };

typedef struct {
  SyStation *station;
  GtkWidget *view;
  GtkWidget *window;
} Page;

static GtkWidget *child(Page *page, const char *name)
{
  return test_child(page->view, SY_TYPE_LOG_VIEW, name);
}

static Page page_new(int width)
{
  Page page = {.station = sy_station_new("virtual")};

  page.view = g_object_new(SY_TYPE_LOG_VIEW, NULL);
  sy_log_view_set_narrow(SY_LOG_VIEW(page.view), width == NARROW);
  sy_log_view_set_station(SY_LOG_VIEW(page.view), page.station);
  page.window = part_window_new(page.view, width, HEIGHT);
  return page;
}

static void page_close(Page *page)
{
  part_window_close(page->window);
  g_object_unref(page->station);
}

static void log_some(Page *page)
{
  sy_station_log(page->station, SY_LOG_INFO, "Port virtual is chosen");
  sy_station_log(page->station, SY_LOG_DEBUG, "Block 7 is written and read back");
  sy_station_log(page->station, SY_LOG_TRACE,
                 "→ DATA seq 7: block 12, 2 blocks, packed, 600 bytes");
  sy_station_log(page->station, SY_LOG_WARNING, "No answer to block 8 in time: sent again");
  sy_station_log(page->station, SY_LOG_ERROR, "The substation does not answer");
}

static guint count_rows(Page *page)
{
  GtkListView *list = GTK_LIST_VIEW(child(page, "list"));

  return g_list_model_get_n_items(G_LIST_MODEL(gtk_list_view_get_model(list)));
}

static const char *get_page(Page *page)
{
  return gtk_stack_get_visible_child_name(GTK_STACK(child(page, "stack")));
}

/* With plain spaces; static. */
static const char *get_status(Page *page)
{
  static char *status;
  GString *text;

  if (!gtk_widget_get_visible(child(page, "status_box")))
    return NULL;
  text = g_string_new(gtk_label_get_text(GTK_LABEL(child(page, "status_label"))));
  g_string_replace(text, "\302\240", " ", 0);
  g_free(status);
  status = g_string_free(text, FALSE);
  return status;
}

static void choose_level(Page *page, SyLogLevel level)
{
  gtk_drop_down_set_selected(GTK_DROP_DOWN(child(page, "level_dropdown")), level);
}

static Page *searched; /* the condition has no room for it */
static guint wanted;

static gboolean is_found(GtkWidget *widget)
{
  return count_rows(searched) == wanted;
}

static void search(Page *page, const char *text, guint rows)
{
  gtk_editable_set_text(GTK_EDITABLE(child(page, "entry")), text);
  searched = page;
  wanted = rows;
  part_wait(page->view, is_found, text);
}

static void a_level_shows_its_lines_and_worse(void **state)
{
  static const guint rows[SY_LOG_LEVELS] = {5, 4, 3, 2, 1};
  Page page = page_new(WIDTH);

  assert_string_equal(get_page(&page), "empty");
  part_pictures(page.window, "log-empty");
  log_some(&page);
  assert_int_equal(count_rows(&page), 4); /* frames are not asked for at first */
  for (guint level = SY_LOG_DEBUG; level < SY_LOG_LEVELS; level++) {
    choose_level(&page, (SyLogLevel)level);
    assert_int_equal(count_rows(&page), rows[level]);
    assert_false(sy_station_is_tracing(page.station));
  }
  assert_string_equal(get_status(&page), "1 of 5 lines");
  page_close(&page);
}

static void choosing_frames_has_them_logged_and_says_so(void **state)
{
  Page page = page_new(WIDTH);
  SyStation *other = sy_station_new("virtual");

  log_some(&page);
  choose_level(&page, SY_LOG_TRACE);
  assert_true(sy_station_is_tracing(page.station));
  assert_int_equal(count_rows(&page), 6); /* and a line that says so */
  assert_string_equal(get_status(&page), "Each frame is logged");
  test_spin_ms(100);
  part_pictures(page.window, "log-frames");
  sy_log_view_set_station(SY_LOG_VIEW(page.view), other);
  assert_true(sy_station_is_tracing(other));
  choose_level(&page, SY_LOG_DEBUG);
  assert_false(sy_station_is_tracing(other));
  assert_null(get_status(&page));
  g_object_unref(other);
  page_close(&page);
}

static void a_search_leaves_the_lines_with_a_text(void **state)
{
  Page page = page_new(WIDTH);

  log_some(&page);
  search(&page, "BLOCK", 2);
  assert_string_equal(get_status(&page), "2 of 5 lines");
  assert_string_equal(get_page(&page), "log");
  sy_station_log(page.station, SY_LOG_INFO, "no");
  sy_station_log(page.station, SY_LOG_INFO, "another block");
  assert_int_equal(count_rows(&page), 3);
  search(&page, "nowhere", 0);
  assert_string_equal(get_page(&page), "unfit");
  test_spin_ms(100);
  part_pictures(page.window, "log-unfit");
  choose_level(&page, SY_LOG_ERROR);
  assert_true(gtk_widget_activate_action(page.view, "log.show-all", NULL));
  assert_int_equal(count_rows(&page), 6);
  assert_string_equal(get_page(&page), "log");
  page_close(&page);
}

static void escape_leaves_the_search_for_the_lines(void **state)
{
  Page page = page_new(WIDTH);
  GtkWidget *entry = child(&page, "entry");
  GtkWidget *focus;

  log_some(&page);
  search(&page, "block", 2);
  test_spin_ms(50);
  assert_true(gtk_widget_activate_action(page.view, "log.find", NULL));
  g_signal_emit_by_name(entry, "stop-search");
  assert_string_equal(gtk_editable_get_text(GTK_EDITABLE(entry)), "");
  searched = &page;
  wanted = 4;
  part_wait(page.view, is_found, "all lines again");
  test_spin_ms(50);
  g_signal_emit_by_name(entry, "stop-search");
  focus = gtk_window_get_focus(GTK_WINDOW(page.window));
  assert_true(gtk_widget_is_ancestor(focus, child(&page, "list")));
  page_close(&page);
}

static void a_pause_counts_what_comes_and_its_end_shows_it(void **state)
{
  Page page = page_new(WIDTH);

  log_some(&page);
  assert_true(gtk_widget_activate_action(page.view, "log.paused", NULL));
  assert_string_equal(get_status(&page), "4 of 5 lines · 0 new lines");
  sy_station_log(page.station, SY_LOG_INFO, "new");
  assert_int_equal(count_rows(&page), 4);
  assert_non_null(strstr(get_status(&page), "1 new line"));
  for (guint n = 0; n < 127; n++)
    sy_station_log(page.station, SY_LOG_INFO, "more");
  assert_non_null(strstr(get_status(&page), "128 new lines"));
  assert_true(gtk_widget_get_visible(child(&page, "resume_button")));
  test_spin_ms(100);
  part_pictures(page.window, "log-paused");
  g_signal_emit_by_name(child(&page, "resume_button"), "clicked");
  assert_int_equal(count_rows(&page), 132);
  assert_false(gtk_widget_get_visible(child(&page, "resume_button")));
  assert_true(sy_log_view_is_following(SY_LOG_VIEW(page.view)));
  page_close(&page);
}

/* The row of the list that has this text in one of its labels. */
static GtkWidget *find_row(Page *page, const char *text)
{
  GtkWidget *list = child(page, "list");
  GtkWidget *widget = part_find_label(list, text);

  while (widget && gtk_widget_get_parent(widget) != list)
    widget = gtk_widget_get_parent(widget);
  return widget;
}

static void a_screen_reader_hears_one_item_a_line(void **state)
{
  Page page = page_new(WIDTH);
  g_autoptr(SyLogEntry) entry = NULL;
  g_autofree char *time = NULL;
  g_autofree char *sentence = NULL;
  GtkWidget *row;

  log_some(&page);
  test_spin_ms(200);
  entry = g_list_model_get_item(sy_station_get_log(page.station), 3);
  time = sy_log_entry_dup_time_text(entry);
  sentence = g_strdup_printf("%s Warning: No answer to block 8 in time: sent again", time);
  row = find_row(&page, "No answer to block 8 in time: sent again");
  assert_non_null(row);
  gtk_test_accessible_assert_property(row, GTK_ACCESSIBLE_PROPERTY_LABEL, sentence);
  gtk_test_accessible_assert_role(part_find_label(row, "Warning"),
                                  GTK_ACCESSIBLE_ROLE_PRESENTATION);
  /* Each level has a word of its own beside its colour. */
  for (guint level = SY_LOG_TRACE; level < SY_LOG_LEVELS; level++)
    for (guint other = SY_LOG_TRACE; other < level; other++)
      assert_string_not_equal(sy_log_level_get_word((SyLogLevel)level),
                              sy_log_level_get_word((SyLogLevel)other));
  page_close(&page);
}

static const char *get_whole(Page *page)
{
  if (!gtk_widget_get_mapped(child(page, "whole_box")))
    return NULL;
  return gtk_label_get_text(GTK_LABEL(child(page, "whole_label")));
}

static gboolean is_in_sight(Page *page, GtkWidget *row)
{
  GtkWidget *scroller = child(page, "scroller");
  graphene_rect_t bounds;

  return gtk_widget_compute_bounds(row, scroller, &bounds) && bounds.origin.y >= -1 &&
         bounds.origin.y + bounds.size.height <= (float)gtk_widget_get_height(scroller) + 1;
}

static void a_long_line_is_cut_in_the_list_and_whole_below_when_selected(void **state)
{
  static const char text[] = "The substation has sent what no substation says, which is why it is "
                             "asked a second time; the end of this line is far away: here";
  static const int widths[] = {WIDTH, NARROW};

  for (guint n = 0; n < G_N_ELEMENTS(widths); n++) {
    Page page = page_new(widths[n]);
    GtkSelectionModel *selection = gtk_list_view_get_model(GTK_LIST_VIEW(child(&page, "list")));
    GtkWidget *line, *row;

    for (guint lines = 0; lines < 10; lines++)
      log_some(&page);
    sy_station_log(page.station, SY_LOG_WARNING, text);
    test_spin_ms(200);
    row = find_row(&page, text);
    line = gtk_widget_get_first_child(row);
    assert_true(sy_log_line_is_cut(SY_LOG_LINE(line)));
    assert_int_equal(gtk_widget_get_height(line), gtk_widget_get_height(gtk_widget_get_first_child(
                                                      gtk_widget_get_prev_sibling(row))));
    assert_null(get_whole(&page));
    gtk_selection_model_select_item(selection, count_rows(&page) - 1, TRUE);
    test_spin_ms(300);
    assert_true(g_str_has_suffix(get_whole(&page), text));
    assert_true(is_in_sight(&page, row));
    part_pictures(page.window, widths[n] == NARROW ? "log-whole-narrow" : "log-whole");
    gtk_selection_model_select_item(selection, 0, FALSE); /* two lines */
    assert_null(get_whole(&page));
    gtk_selection_model_select_item(selection, 0, TRUE);
    assert_true(g_str_has_suffix(get_whole(&page), "Info: Port virtual is chosen"));
    choose_level(&page, SY_LOG_ERROR);
    assert_null(get_whole(&page));
    page_close(&page);
  }
}

static void a_short_line_is_not_cut(void **state)
{
  Page page = page_new(NARROW);

  sy_station_log(page.station, SY_LOG_INFO, "All is well");
  test_spin_ms(200);
  assert_false(
      sy_log_line_is_cut(SY_LOG_LINE(gtk_widget_get_first_child(find_row(&page, "All is well")))));
  page_close(&page);
}

static gboolean is_at_end(GtkWidget *widget)
{
  GtkScrolledWindow *scroller = GTK_SCROLLED_WINDOW(child(searched, "scroller"));
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment(scroller);

  return gtk_adjustment_get_value(adjustment) + gtk_adjustment_get_page_size(adjustment) + 40 >=
         gtk_adjustment_get_upper(adjustment);
}

static void many_lines_are_followed_and_reading_stays_where_it_is(void **state)
{
  Page page = page_new(NARROW);
  GtkScrolledWindow *scroller = GTK_SCROLLED_WINDOW(child(&page, "scroller"));
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment(scroller);

  searched = &page;
  for (guint n = 0; n < MANY; n++)
    log_some(&page);
  part_wait(page.view, is_at_end, "the newest line");
  assert_true(sy_log_view_is_following(SY_LOG_VIEW(page.view)));
  part_pictures(page.window, "log-narrow");
  test_spin_ms(300);
  gtk_adjustment_set_value(adjustment, gtk_adjustment_get_value(adjustment) / 2);
  assert_false(sy_log_view_is_following(SY_LOG_VIEW(page.view)));
  log_some(&page);
  test_spin_ms(100);
  assert_false(is_at_end(page.view));
  page_close(&page);
}

/* ---- Saving ---- */

typedef struct {
  gboolean done;
  gboolean ok;
  GError *error;
} Saved;

static void on_saved(GObject *source, GAsyncResult *result, gpointer user_data)
{
  Saved *saved = user_data;

  saved->ok = sy_log_save_finish(result, &saved->error);
  saved->done = TRUE;
}

static Saved save(const char *path, gboolean json)
{
  static const char *const texts[] = {"one “line”", "two"};
  g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(g_object_unref);
  g_autoptr(GFile) file = g_file_new_for_path(path);
  Saved saved = {.done = FALSE};

  for (guint n = 0; n < G_N_ELEMENTS(texts); n++)
    g_ptr_array_add(entries, sy_log_entry_new(SY_LOG_WARNING, texts[n]));
  sy_log_save_async(entries, file, json, on_saved, &saved);
  while (!saved.done)
    g_main_context_iteration(NULL, TRUE);
  return saved;
}

static void lines_are_saved_as_text_and_as_json(void **state)
{
  char *folder = temp_folder_new();
  g_autofree char *path = g_build_filename(folder, "log", NULL);
  g_autofree char *text = NULL;
  g_autoptr(JsonParser) parser = json_parser_new();
  JsonArray *array;

  assert_true(save(path, FALSE).ok);
  assert_true(g_file_get_contents(path, &text, NULL, NULL));
  assert_true(g_regex_match_simple("^[\\d:.]{12} Warning one “line”\n[\\d:.]{12} Warning two\n$",
                                   text, 0, 0));
  assert_true(save(path, TRUE).ok);
  assert_true(json_parser_load_from_file(parser, path, NULL));
  array = json_node_get_array(json_parser_get_root(parser));
  assert_int_equal(json_array_get_length(array), 2);
  assert_string_equal(
      json_object_get_string_member(json_array_get_object_element(array, 0), "text"), "one “line”");
  assert_string_equal(
      json_object_get_string_member(json_array_get_object_element(array, 1), "level"), "warning");
  temp_folder_remove(folder);
}

static void what_cannot_be_saved_says_why(void **state)
{
  Saved saved = save("/proc/nowhere/log.txt", FALSE);

  assert_false(saved.ok);
  assert_non_null(saved.error);
  g_error_free(saved.error);
}

/* ---- In the window ---- */

static GtkWidget *get_focus_entry(SyWindow *window)
{
  GtkWidget *focus = gtk_window_get_focus(GTK_WINDOW(window));

  return focus ? gtk_widget_get_ancestor(focus, GTK_TYPE_SEARCH_ENTRY) : NULL;
}

static void find_goes_to_the_page_that_is_seen(void **state)
{
  SyWindow *window = test_window_new();
  GtkWidget *view = test_child(window, SY_TYPE_WINDOW, "log_view");

  /* No file is open, and the log can be searched all the same. */
  gtk_widget_activate_action(GTK_WIDGET(window), "win.page", "s", "log");
  test_spin_ms(100);
  assert_true(gtk_widget_activate_action(GTK_WIDGET(window), "win.find", NULL));
  assert_ptr_equal(get_focus_entry(window), test_child(view, SY_TYPE_LOG_VIEW, "entry"));
  test_open(window, test_file("SWITCHYARD_TEST_RELEASE"));
  test_wait(window, test_has_release, "the file to be read");
  gtk_widget_activate_action(GTK_WIDGET(window), "win.page", "s", "image");
  test_spin_ms(100);
  assert_true(gtk_widget_activate_action(GTK_WIDGET(window), "win.find", NULL));
  test_spin_ms(300);
  assert_ptr_not_equal(get_focus_entry(window), test_child(view, SY_TYPE_LOG_VIEW, "entry"));
  assert_non_null(get_focus_entry(window));
  test_window_close(window);
}

static void a_window_keeps_its_log_on_disk(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");
  g_autofree char *folder = g_build_filename(g_get_user_state_dir(), "switchyard", "log", NULL);
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  gboolean found = FALSE;
  const char *name;

  assert_non_null(dir);
  sy_station_log(sy_window_get_station(window), SY_LOG_INFO, "a line of this very test");
  while ((name = g_dir_read_name(dir))) {
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *text = NULL;

    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    found = found || strstr(text, "a line of this very test");
  }
  assert_true(found);
  test_window_close(window);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_level_shows_its_lines_and_worse),
      cmocka_unit_test(choosing_frames_has_them_logged_and_says_so),
      cmocka_unit_test(a_search_leaves_the_lines_with_a_text),
      cmocka_unit_test(escape_leaves_the_search_for_the_lines),
      cmocka_unit_test(a_pause_counts_what_comes_and_its_end_shows_it),
      cmocka_unit_test(a_screen_reader_hears_one_item_a_line),
      cmocka_unit_test(a_long_line_is_cut_in_the_list_and_whole_below_when_selected),
      cmocka_unit_test(a_short_line_is_not_cut),
      cmocka_unit_test(many_lines_are_followed_and_reading_stays_where_it_is),
      cmocka_unit_test(lines_are_saved_as_text_and_as_json),
      cmocka_unit_test(what_cannot_be_saved_says_why),
      cmocka_unit_test(find_goes_to_the_page_that_is_seen),
      cmocka_unit_test(a_window_keeps_its_log_on_disk),
  };
  int failed;

  setlocale(LC_ALL, "C.UTF-8");
  if (!test_application_start()) {
    print_message("1..0 # SKIP no display\n");
    return 0;
  }
  failed = cmocka_run_group_tests_name("log page", tests, NULL, NULL);
  test_application_stop();
  return failed;
}
