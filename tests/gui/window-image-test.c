/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Looking into files in the window: the three views, finding, comparing, saving, merging; files
 * that are broken, and raw bytes. */

#include "window-fixture.h"

#include "sy-byte-inspector.h"
#include "sy-bytes-page.h"
#include "sy-find-bar.h"
#include "sy-findings-list.h"
#include "sy-go-to-bar.h"
#include "sy-hex-view.h"
#include "sy-hex.h"
#include "sy-image-panel.h"
#include "temp-folder.h"

#include <glib/gstdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static SyImagePanel *get_panel(SyWindow *window)
{
  return SY_IMAGE_PANEL(test_child(window, SY_TYPE_WINDOW, "image_panel"));
}

static SyBytesPage *get_bytes(SyWindow *window)
{
  return sy_image_panel_get_bytes(get_panel(window));
}

static SyHexView *get_view(SyWindow *window, const char *name)
{
  return SY_HEX_VIEW(test_child(get_bytes(window), SY_TYPE_BYTES_PAGE, name));
}

static const char *get_bytes_label(SyWindow *window, const char *name)
{
  return gtk_label_get_text(GTK_LABEL(test_child(get_bytes(window), SY_TYPE_BYTES_PAGE, name)));
}

static const char *get_shown_view(SyWindow *window)
{
  return gtk_stack_get_visible_child_name(
      GTK_STACK(test_child(get_panel(window), SY_TYPE_IMAGE_PANEL, "views")));
}

static guint32 get_cursor(SyWindow *window)
{
  guint32 addr = 0;

  assert_true(sy_hex_view_get_cursor(get_view(window, "view_a"), &addr));
  return addr;
}

static void act(SyWindow *window, const char *action, GVariant *parameter)
{
  assert_true(gtk_widget_activate_action_variant(GTK_WIDGET(window), action, parameter));
}

static gboolean has_comparison(SyWindow *window)
{
  return sy_bytes_page_get_comparison(get_bytes(window)) != NULL;
}

static gboolean has_dialog(SyWindow *window)
{
  return test_find_dialog() != NULL;
}

/* 256 bytes at 0x1000, in which byte n is n, but for those that are put elsewhere. */
static char *write_file(const char *folder, const char *name, guint32 addr, guint change_at,
                        guint length)
{
  SyImageBuilder *builder = sy_image_builder_new();
  g_autofree char *path = g_build_filename(folder, name, NULL);
  guint8 bytes[256];

  for (guint n = 0; n < sizeof bytes; n++)
    bytes[n] = (guint8)n;
  if (change_at < sizeof bytes)
    bytes[change_at] ^= 0xff;
  assert_true(sy_image_builder_add(builder, addr, bytes, length, 0, NULL));

  g_autoptr(SyImage) image = sy_image_builder_end(builder);
  g_autoptr(GString) text = sy_hex_write(image, 16);

  assert_true(g_file_set_contents(path, text->str, (gssize)text->len, NULL));
  return g_steal_pointer(&path);
}

enum { NO_CHANGE = 1000 };

static SyWindow *open_path(const char *path)
{
  SyWindow *window = test_window_new();

  test_open(window, path);
  test_wait(window, test_has_release, "the file to be read");
  return window;
}

static void a_release_shows_its_summary_and_other_bytes_themselves(void **state)
{
  g_autofree char *folder = temp_folder_new();
  g_autofree char *path = write_file(folder, "plain.hex", 0x40000, NO_CHANGE, 256);
  SyWindow *window = open_path(test_file("SWITCHYARD_TEST_RELEASE"));

  assert_string_equal(get_shown_view(window), "summary");
  test_open(window, path);
  test_wait(window, test_has_release, "the file to be read");
  assert_string_equal(get_shown_view(window), "bytes");
  test_window_close(window);
  temp_folder_remove(g_steal_pointer(&folder));
}

static void keys_choose_the_view_and_the_choice_stays(void **state)
{
  SyWindow *window = open_path(test_file("SWITCHYARD_TEST_RELEASE"));

  act(window, "win.view", g_variant_new_string("bytes"));
  assert_string_equal(get_shown_view(window), "bytes");
  test_spin_ms(100);
  test_picture(window, "image-bytes");
  act(window, "win.view", g_variant_new_string("findings"));
  assert_string_equal(get_shown_view(window), "findings");
  test_spin_ms(100);
  test_picture(window, "image-findings");
  test_open(window, test_file("SWITCHYARD_TEST_LARGE"));
  test_wait(window, test_has_release, "the file to be read");
  assert_string_equal(get_shown_view(window), "findings");
  test_window_close(window);
}

static void what_is_found_leads_to_its_bytes(void **state)
{
  SyWindow *window = open_path(test_file("SWITCHYARD_TEST_RELEASE"));

  g_signal_emit_by_name(test_child(get_panel(window), SY_TYPE_IMAGE_PANEL, "findings"), "go-to",
                        0x10014u);
  assert_string_equal(get_shown_view(window), "bytes");
  assert_int_equal(get_cursor(window), 0x10014);
  assert_true(
      gtk_widget_activate_action(GTK_WIDGET(get_panel(window)), "image.go-to", "u", 0x2040u));
  assert_int_equal(get_cursor(window), 0x2040);
  test_window_close(window);
}

static void an_address_that_is_typed_is_gone_to(void **state)
{
  SyWindow *window = open_path(test_file("SWITCHYARD_TEST_RELEASE"));
  GtkWidget *bar, *entry;

  act(window, "win.go-to", NULL);
  bar = test_child(get_bytes(window), SY_TYPE_BYTES_PAGE, "go_to_bar");
  entry = test_child(bar, SY_TYPE_GO_TO_BAR, "entry");
  gtk_editable_set_text(GTK_EDITABLE(entry), "nowhere");
  g_signal_emit_by_name(entry, "activate");
  assert_true(gtk_widget_has_css_class(entry, "error"));
  gtk_editable_set_text(GTK_EDITABLE(entry), "high");
  g_signal_emit_by_name(entry, "activate");
  assert_false(gtk_widget_has_css_class(entry, "error"));
  assert_int_equal(get_cursor(window), 0x10000);
  test_window_close(window);
}

static GtkWidget *find_entry(SyWindow *window)
{
  GtkWidget *bar = test_child(get_bytes(window), SY_TYPE_BYTES_PAGE, "find_bar");

  return test_child(bar, SY_TYPE_FIND_BAR, "entry");
}

static const char *find_label(SyWindow *window)
{
  GtkWidget *bar = test_child(get_bytes(window), SY_TYPE_BYTES_PAGE, "find_bar");

  return gtk_label_get_text(GTK_LABEL(test_child(bar, SY_TYPE_FIND_BAR, "label")));
}

static const char *wanted;

static gboolean is_told(SyWindow *window)
{
  return strcmp(find_label(window), wanted) == 0;
}

static void wait_told(SyWindow *window, const char *text)
{
  wanted = text;
  test_wait(window, is_told, text);
}

static gboolean is_no_pattern(SyWindow *window)
{
  return gtk_widget_has_css_class(find_entry(window), "error");
}

static void bytes_are_found_while_they_are_typed_round_and_round(void **state)
{
  SyWindow *window = open_path(test_file("SWITCHYARD_TEST_RELEASE"));

  act(window, "win.find", NULL);
  /* Product and version, once in each half. */
  gtk_editable_set_text(GTK_EDITABLE(find_entry(window)), "44 53 53 31 00 00 01 01");
  wait_told(window, "1 of 2");
  assert_int_equal(get_cursor(window), 0x2048);
  test_picture(window, "image-find");
  act(window, "win.find-next", NULL);
  assert_int_equal(get_cursor(window), 0x10048);
  act(window, "win.find-next", NULL);
  assert_int_equal(get_cursor(window), 0x2048);
  act(window, "win.find-previous", NULL);
  assert_int_equal(get_cursor(window), 0x10048);
  gtk_editable_set_text(GTK_EDITABLE(find_entry(window)), "DE AD BE EF 01 02 03");
  wait_told(window, "not found");
  gtk_editable_set_text(GTK_EDITABLE(find_entry(window)), "ABC");
  test_wait(window, is_no_pattern, "that these are no bytes");
  /* What can be no bytes is looked for as a text. */
  gtk_editable_set_text(GTK_EDITABLE(find_entry(window)), "Demo sub");
  wait_told(window, "2 of 2");
  assert_int_equal(get_cursor(window), 0x10058);
  test_window_close(window);
}

static void two_files_are_compared_and_the_differences_walked(void **state)
{
  g_autofree char *folder = temp_folder_new();
  g_autofree char *one = write_file(folder, "one.hex", 0x40000, NO_CHANGE, 200);
  g_autofree char *two = write_file(folder, "two.hex", 0x40000, 0x21, 256);
  g_autoptr(GFile) other = g_file_new_for_path(two);
  SyWindow *window = open_path(one);
  SyDiffKind kind;

  sy_window_compare_with(window, other);
  test_wait(window, has_comparison, "the comparison");
  assert_non_null(strstr(get_bytes_label(window, "compare_label"), "2 differences"));
  assert_string_equal(get_bytes_label(window, "difference_label"), "1 of 2");
  assert_int_equal(get_cursor(window), 0x40021);
  assert_true(sy_hex_view_get_difference(get_view(window, "view_a"), 0x40021, &kind));
  assert_int_equal(kind, SY_DIFF_CHANGED);
  act(window, "win.next-difference", NULL);
  assert_string_equal(get_bytes_label(window, "difference_label"), "2 of 2");
  assert_int_equal(get_cursor(window), 0x400c8);
  test_spin_ms(300);
  test_picture(window, "image-compare");
  act(window, "win.next-difference", NULL);
  assert_int_equal(get_cursor(window), 0x40021);
  act(window, "win.previous-difference", NULL);
  assert_int_equal(get_cursor(window), 0x400c8);
  assert_true(
      gtk_widget_activate_action(GTK_WIDGET(get_bytes(window)), "bytes.end-comparison", NULL));
  assert_null(sy_bytes_page_get_comparison(get_bytes(window)));
  test_window_close(window);
  temp_folder_remove(g_steal_pointer(&folder));
}

static gboolean can_read(SyWindow *window)
{
  return sy_window_get_release(window) && test_is_connected(window);
}

static void a_file_is_compared_with_what_the_substation_holds(void **state)
{
  g_autofree char *path =
      g_build_filename(test_file("SWITCHYARD_FIRMWARE_DIR"), "factory.hex", NULL);
  SyWindow *window = open_path(path);

  test_wait(window, can_read, "the substation to answer");
  act(window, "win.compare-station", NULL);
  assert_non_null(test_find_dialog());
  adw_message_dialog_response(test_find_dialog(), "read");
  test_wait(window, has_comparison, "what was read");
  assert_non_null(strstr(get_bytes_label(window, "compare_label"),
                         "No difference from Substation (LOW 1.0.0)"));
  assert_non_null(strstr(get_bytes_label(window, "compare_label"), "64\302\240bytes of the file"));
  assert_string_equal(test_label(window, "result_label"),
                      "The substation was read. It runs LOW 1.0.0, as before.");
  test_spin_ms(400);
  test_picture(window, "image-compare-substation");
  test_window_close(window);
}

static void a_file_that_is_opened_ends_the_comparison(void **state)
{
  g_autofree char *folder = temp_folder_new();
  g_autofree char *one = write_file(folder, "one.hex", 0x40000, NO_CHANGE, 200);
  g_autoptr(GFile) same = g_file_new_for_path(one);
  SyWindow *window = open_path(one);

  sy_window_compare_with(window, same);
  test_wait(window, has_comparison, "the comparison");
  assert_non_null(strstr(get_bytes_label(window, "compare_label"), "No difference from one.hex"));
  test_open(window, test_file("SWITCHYARD_TEST_RELEASE"));
  test_wait(window, test_has_release, "the file to be read");
  assert_false(has_comparison(window));
  test_window_close(window);
  temp_folder_remove(g_steal_pointer(&folder));
}

static SySaveChoice *choose_bank(const char *stem)
{
  SySaveChoice *choice = g_new0(SySaveChoice, 1);

  choice->range = (SyRange){0x2000, 0xe000};
  choice->stem = g_strdup(stem);
  choice->options.format = SY_FORMAT_HEX;
  return choice;
}

static char *saved_path; /* that is waited for */

static gboolean is_saved(SyWindow *window)
{
  return g_file_test(saved_path, G_FILE_TEST_EXISTS);
}

static void a_bank_is_saved_as_a_file_of_its_own(void **state)
{
  g_autofree char *folder = temp_folder_new();
  g_autofree char *path = g_build_filename(folder, "low.hex", NULL);
  g_autoptr(GFile) file = g_file_new_for_path(path);
  SyWindow *window = open_path(test_file("SWITCHYARD_TEST_RELEASE"));

  saved_path = path;
  sy_window_save_to(window, choose_bank("low"), file);
  test_wait(window, is_saved, "the file to be there");

  g_autoptr(SyRelease) saved = sy_release_load(file, NULL, NULL);

  assert_non_null(saved);
  assert_non_null(sy_release_get_program(saved, WIRE_BANK_LOW));
  assert_true(sy_release_get_program(saved, WIRE_BANK_LOW)->usable);
  assert_null(sy_release_get_program(saved, WIRE_BANK_HIGH));
  test_window_close(window);
  temp_folder_remove(g_steal_pointer(&folder));
}

static void the_opened_file_is_replaced_only_when_asked(void **state)
{
  g_autofree char *folder = temp_folder_new();
  g_autofree char *path = write_file(folder, "one.hex", 0x2000, NO_CHANGE, 256);
  g_autofree char *link = g_build_filename(folder, "link.hex", NULL);
  g_autofree char *before = NULL, *after = NULL;
  g_autoptr(GFile) file = g_file_new_for_path(link);
  SyWindow *window = open_path(path);

  assert_true(g_file_get_contents(path, &before, NULL, NULL));
  assert_int_equal(symlink(path, link), 0);
  sy_window_save_to(window, choose_bank("one"), file);
  test_wait(window, has_dialog, "the question");
  assert_string_equal(adw_message_dialog_get_heading(test_find_dialog()),
                      "Replace the Opened File?");
  adw_message_dialog_response(test_find_dialog(), "cancel");
  test_spin_ms(50);
  assert_true(g_file_get_contents(path, &after, NULL, NULL));
  assert_string_equal(before, after);
  test_window_close(window);
  temp_folder_remove(g_steal_pointer(&folder));
}

static void what_is_being_saved_is_saved_although_the_window_closes(void **state)
{
  g_autofree char *folder = temp_folder_new();
  g_autofree char *path = g_build_filename(folder, "low.hex", NULL);
  g_autoptr(GFile) file = g_file_new_for_path(path);
  SyWindow *window = open_path(test_file("SWITCHYARD_TEST_RELEASE"));

  sy_window_save_to(window, choose_bank("low"), file);
  gtk_window_destroy(GTK_WINDOW(window));
  saved_path = path;
  test_wait(window, is_saved, "the file to be there");
  test_spin_ms(50); /* nobody is left to tell */
  assert_null(test_find_dialog());
  test_window_close(window);
  temp_folder_remove(g_steal_pointer(&folder));
}

static void a_question_goes_with_its_window(void **state)
{
  g_autofree char *folder = temp_folder_new();
  g_autofree char *path = write_file(folder, "one.hex", 0x2000, NO_CHANGE, 256);
  g_autoptr(GFile) file = g_file_new_for_path(path);
  SyWindow *window = open_path(path);

  sy_window_save_to(window, choose_bank("one"), file);
  test_wait(window, has_dialog, "the question");
  test_window_close(window);
  assert_null(test_find_dialog());
  temp_folder_remove(g_steal_pointer(&folder));
}

static void a_split_replaces_nothing_unasked(void **state)
{
  g_autofree char *folder = temp_folder_new();
  g_autofree char *low = g_build_filename(folder, "part-low.hex", NULL);
  g_autofree char *high = g_build_filename(folder, "part-high.hex", NULL);
  g_autoptr(GFile) target = g_file_new_for_path(folder);
  g_autofree char *kept = NULL;
  SyWindow *window = open_path(test_file("SWITCHYARD_TEST_RELEASE"));
  SySaveChoice *choice = choose_bank("part");

  choice->split = TRUE;
  choice->kind = SY_SPLIT_BANKS;
  assert_true(g_file_set_contents(high, "mine", -1, NULL));
  sy_window_save_to(window, choice, target);
  test_wait(window, has_dialog, "the question");
  assert_false(g_file_test(low, G_FILE_TEST_EXISTS));
  saved_path = low;
  adw_message_dialog_response(test_find_dialog(), "replace");
  test_wait(window, is_saved, "the files to be there");
  for (int n = 0; n < 500 && (!kept || strcmp(kept, "mine") == 0); n++) {
    g_free(g_steal_pointer(&kept));
    test_spin_ms(10);
    assert_true(g_file_get_contents(high, &kept, NULL, NULL));
  }
  assert_int_equal(kept[0], ':');
  test_window_close(window);
  temp_folder_remove(g_steal_pointer(&folder));
}

static gboolean is_merged(SyWindow *window)
{
  SyRelease *release = sy_window_get_release(window);

  return release && !sy_release_get_file(release);
}

static void two_halves_become_a_release(void **state)
{
  g_autoptr(GFile) high =
      g_file_new_build_filename(test_file("SWITCHYARD_FIRMWARE_DIR"), "program-high.hex", NULL);
  SyWindow *window = open_path(test_file("SWITCHYARD_TEST_LOW_ONLY"));
  SyRelease *merged;

  sy_window_merge_with(window, high);
  test_wait(window, is_merged, "the files to be merged");
  merged = sy_window_get_release(window);
  assert_true(sy_release_get_program(merged, WIRE_BANK_LOW)->usable);
  assert_true(sy_release_get_program(merged, WIRE_BANK_HIGH)->usable);
  test_window_close(window);
}

static void files_that_clash_are_not_merged(void **state)
{
  g_autofree char *folder = temp_folder_new();
  g_autofree char *one = write_file(folder, "one.hex", 0x40000, NO_CHANGE, 256);
  g_autofree char *two = write_file(folder, "two.hex", 0x40000, 7, 256);
  g_autoptr(GFile) other = g_file_new_for_path(two);
  SyWindow *window = open_path(one);

  sy_window_merge_with(window, other);
  test_wait(window, has_dialog, "why not");
  assert_non_null(strstr(adw_message_dialog_get_body(test_find_dialog()), "40007"));
  gtk_window_destroy(GTK_WINDOW(test_find_dialog()));
  assert_false(is_merged(window));
  test_window_close(window);
  temp_folder_remove(g_steal_pointer(&folder));
}

static void a_broken_file_is_shown_and_never_sent(void **state)
{
  g_autofree char *folder = temp_folder_new();
  g_autofree char *path = g_build_filename(folder, "broken.hex", NULL);
  g_autofree char *text = NULL, *shown = NULL;
  SyFindingsList *findings;
  SyWindow *window;
  char *line;

  assert_true(g_file_get_contents(test_file("SWITCHYARD_TEST_RELEASE"), &text, NULL, NULL));
  /* One digit of the tenth line, so that its checksum is wrong. */
  line = text;
  for (int n = 1; n < 10; n++)
    line = strchr(line, '\n') + 1;
  line[12] = line[12] == '0' ? '1' : '0';
  assert_true(g_file_set_contents(path, text, -1, NULL));
  window = open_path(path);
  test_wait(window, test_is_connected, "the substation to answer");
  findings = SY_FINDINGS_LIST(test_child(get_panel(window), SY_TYPE_IMAGE_PANEL, "findings"));
  assert_true(sy_findings_list_count(findings, SY_SEVERITY_ERROR) > 0);
  shown = sy_findings_list_dup_text(findings);
  assert_non_null(strstr(shown, "line 10"));
  assert_false(test_can_upgrade(window));
  assert_true(strlen(test_label(window, "reason_label")) > 0);
  act(window, "win.view", g_variant_new_string("findings"));
  test_spin_ms(100);
  test_picture(window, "image-broken");
  test_window_close(window);
  temp_folder_remove(g_steal_pointer(&folder));
}

static void raw_bytes_are_opened_where_a_person_says(void **state)
{
  g_autofree char *folder = temp_folder_new();
  g_autofree char *path = g_build_filename(folder, "raw.bin", NULL);
  g_autoptr(GFile) file = g_file_new_for_path(path);
  const SyFileOptions options = {SY_FORMAT_BINARY, TRUE, 0x12345678};
  SyWindow *window = test_window_new();

  assert_true(g_file_set_contents(path, "\x00\x01\x02\x03", 4, NULL));
  test_open(window, path);
  test_wait(window, has_dialog, "the question");
  assert_string_equal(adw_message_dialog_get_heading(test_find_dialog()),
                      "Where Do These Bytes Belong?");
  assert_false(adw_message_dialog_get_response_enabled(test_find_dialog(), "open"));
  gtk_window_destroy(GTK_WINDOW(test_find_dialog()));
  assert_null(sy_window_get_release(window));
  sy_window_open_with(window, file, &options);
  test_wait(window, test_has_release, "the file to be read");
  assert_int_equal(get_cursor(window), 0x12345678);
  test_window_close(window);
  temp_folder_remove(g_steal_pointer(&folder));
}

static void the_beginning_of_a_large_file_is_shown_before_the_rest(void **state)
{
  g_autofree char *folder = temp_folder_new();
  g_autofree char *path = write_file(folder, "plain.hex", 0x40000, NO_CHANGE, 256);
  g_autoptr(GFile) file = g_file_new_for_path(path);
  SyWindow *window = test_window_new();
  SyImagePanel *panel = get_panel(window);
  GtkWidget *reading = test_child(panel, SY_TYPE_IMAGE_PANEL, "reading_label");
  g_autoptr(SyImage) beginning = sy_hex_load(file, NULL, NULL);

  sy_image_panel_show_loading(panel, "large.hex");
  sy_image_panel_show_preview(panel, beginning);
  assert_true(gtk_widget_get_visible(reading));
  assert_string_equal(get_shown_view(window), "bytes");
  assert_int_equal(get_cursor(window), 0x40000);
  sy_hex_view_go_to(get_view(window, "view_a"), 0x40020, 0);
  test_open(window, path);
  sy_image_panel_show_preview(panel, beginning);
  sy_hex_view_go_to(get_view(window, "view_a"), 0x40030, 0);
  test_wait(window, test_has_release, "the file to be read");
  assert_false(gtk_widget_get_visible(reading));
  assert_int_equal(get_cursor(window), 0x40030);
  test_window_close(window);
  temp_folder_remove(g_steal_pointer(&folder));
}

static void narrow_and_dark_it_is_all_there(void **state)
{
  SyWindow *window = test_window_new_sized(360, 640);

  adw_style_manager_set_color_scheme(adw_style_manager_get_default(), ADW_COLOR_SCHEME_FORCE_DARK);
  test_open(window, test_file("SWITCHYARD_TEST_RELEASE"));
  test_wait(window, test_has_release, "the file to be read");
  act(window, "win.view", g_variant_new_string("bytes"));
  act(window, "win.go-to", NULL);
  test_spin_ms(400);
  test_picture(window, "image-bytes-narrow-dark");
  act(window, "win.view", g_variant_new_string("findings"));
  test_spin_ms(100);
  test_picture(window, "image-findings-narrow-dark");
  assert_true(gtk_widget_get_width(GTK_WIDGET(window)) <= 360);
  adw_style_manager_set_color_scheme(adw_style_manager_get_default(), ADW_COLOR_SCHEME_DEFAULT);
  test_window_close(window);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_release_shows_its_summary_and_other_bytes_themselves),
      cmocka_unit_test(keys_choose_the_view_and_the_choice_stays),
      cmocka_unit_test(what_is_found_leads_to_its_bytes),
      cmocka_unit_test(an_address_that_is_typed_is_gone_to),
      cmocka_unit_test(bytes_are_found_while_they_are_typed_round_and_round),
      cmocka_unit_test(two_files_are_compared_and_the_differences_walked),
      cmocka_unit_test(a_file_is_compared_with_what_the_substation_holds),
      cmocka_unit_test(a_file_that_is_opened_ends_the_comparison),
      cmocka_unit_test(a_bank_is_saved_as_a_file_of_its_own),
      cmocka_unit_test(the_opened_file_is_replaced_only_when_asked),
      cmocka_unit_test(what_is_being_saved_is_saved_although_the_window_closes),
      cmocka_unit_test(a_question_goes_with_its_window),
      cmocka_unit_test(a_split_replaces_nothing_unasked),
      cmocka_unit_test(two_halves_become_a_release),
      cmocka_unit_test(files_that_clash_are_not_merged),
      cmocka_unit_test(a_broken_file_is_shown_and_never_sent),
      cmocka_unit_test(raw_bytes_are_opened_where_a_person_says),
      cmocka_unit_test(the_beginning_of_a_large_file_is_shown_before_the_rest),
      cmocka_unit_test(narrow_and_dark_it_is_all_there),
  };
  int failed;

  if (!test_application_start()) {
    print_message("1..0 # SKIP there is no display\n");
    return 0;
  }
  failed = cmocka_run_group_tests(tests, NULL, NULL);
  test_application_stop();
  return failed;
}
