/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What stands below the bytes. */

#include "part-fixture.h"
#include "release-builder.h"

#include "sy-byte-inspector.h"
#include "sy-byte-text.h"
#include "sy-digest.h"
#include "temp-folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { WIDE = 1180, WIDE_HEIGHT_MAX = 130, NARROW = 360, NO_GO = -1, LARGE = 32 << 20 };

static gboolean is_done(GtkWidget *inspector)
{
  return !sy_byte_inspector_is_busy(SY_BYTE_INSPECTOR(inspector));
}

static void wait_done(GtkWidget *inspector)
{
  part_wait(inspector, is_done, "what runs in threads");
}

/* Its text has this line. */
static void says(GtkWidget *inspector, const char *line)
{
  g_autofree char *text = sy_byte_inspector_dup_text(SY_BYTE_INSPECTOR(inspector));
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

  if (!g_strv_contains((const char *const *)lines, line))
    fail_msg("no line “%s” in\n%s", line, text);
}

static SyRelease *release_of_bytes(const guint8 *bytes, guint32 length)
{
  SyImageBuilder *builder = sy_image_builder_new();

  release_add(builder, 0x30000, bytes, length);

  g_autoptr(SyImage) image = sy_image_builder_end(builder);

  return sy_release_new(image, NULL);
}

static void numbers_are_read_the_lowest_byte_first(void **state)
{
  static const guint8 bytes[] = {0x18, 0xf0, 0x9f, 0xe5, 0x80, 0xff};
  g_autoptr(SyRelease) release = release_of_bytes(bytes, sizeof bytes);
  GtkWidget *inspector = sy_byte_inspector_new();
  GtkWidget *window = part_window_new(inspector, WIDE, 200);

  says(inspector, "8 bit: —");
  sy_byte_inspector_set_release(SY_BYTE_INSPECTOR(inspector), release);
  says(inspector, "0x00030000");
  says(inspector, "8 bit: 0x18 · 24");
  says(inspector, "16 bit: 0xF018 · 61464 · −4072");
  says(inspector, "32 bit: 0xE59FF018 · 3852464152 · −442503144");
  says(inspector, "Binary: 0001 1000");
  says(inspector, "ASCII: —");
  sy_byte_inspector_set_cursor(SY_BYTE_INSPECTOR(inspector), 0x30004);
  says(inspector, "8 bit: 0x80 · 128 · −128");
  says(inspector, "16 bit: 0xFF80 · 65408 · −128");
  says(inspector, "32 bit: —");
  sy_byte_inspector_set_cursor(SY_BYTE_INSPECTOR(inspector), 0x30006);
  says(inspector, "8 bit: —");
  says(inspector, "Binary: —");
  sy_byte_inspector_set_cursor(SY_BYTE_INSPECTOR(inspector), G_MAXUINT32);
  says(inspector, "32 bit: —");
  wait_done(inspector);
  part_window_close(window);
}

static void a_character_is_shown_when_it_is_one(void **state)
{
  g_autoptr(SyRelease) release = release_of_bytes((const guint8 *)"A \n\xe9", 4);
  SyImage *image = sy_release_get_image(release);
  g_autofree char *letter = sy_byte_dup_character(image, 0x30000);
  g_autofree char *blank = sy_byte_dup_character(image, 0x30001);

  assert_string_equal(letter, "'A'");
  assert_string_equal(blank, "' '");
  assert_null(sy_byte_dup_character(image, 0x30002));
  assert_null(sy_byte_dup_character(image, 0x30003));
  assert_null(sy_byte_dup_character(image, 0x30004));
}

static void take_address(SyByteInspector *inspector, guint addr, gint64 *went)
{
  *went = addr;
}

static void a_vector_is_explained_and_can_be_followed(void **state)
{
  g_autoptr(SyImage) image = release_build_both(RELEASE_VERSION, RELEASE_LENGTH);
  g_autoptr(SyRelease) release = sy_release_new(image, NULL);
  GtkWidget *inspector = sy_byte_inspector_new();
  GtkWidget *window = part_window_new(inspector, WIDE, 200);
  gint64 went = NO_GO;
  GtkWidget *label;

  g_signal_connect(inspector, "go-to", G_CALLBACK(take_address), &went);
  sy_byte_inspector_set_release(SY_BYTE_INSPECTOR(inspector), release);
  sy_byte_inspector_set_cursor(SY_BYTE_INSPECTOR(inspector), 0x10000);
  says(inspector, "HIGH, sector 8 · segment 2 of 2, 0x10000 to 0x11233 · reset vector → 0x10080");
  label = part_find_label(window, "Go to 0x10080");
  assert_non_null(label);
  g_signal_emit_by_name(gtk_widget_get_ancestor(label, GTK_TYPE_BUTTON), "clicked");
  assert_int_equal(went, 0x10080);
  sy_byte_inspector_set_cursor(SY_BYTE_INSPECTOR(inspector), 0x10090);
  assert_null(part_find_label(window, "Go to 0x10080"));
  part_window_close(window);
}

static void a_selection_has_its_length_and_its_digests(void **state)
{
  g_autoptr(SyImage) image = release_build_both(RELEASE_VERSION, RELEASE_LENGTH);
  g_autoptr(SyRelease) release = sy_release_new(image, NULL);
  GtkWidget *inspector = sy_byte_inspector_new();
  GtkWidget *window = part_window_new(inspector, WIDE, 200);
  const SyRange range = {0x2000, 0x100};
  const SyRange across = {0x3200, 0x10000};
  const SyRange nothing = {0x2000, 0};
  SyDigest digest;
  g_autofree char *sha256 = NULL;
  g_autofree char *crc = NULL;

  sy_byte_inspector_set_release(SY_BYTE_INSPECTOR(inspector), release);
  says(inspector, "Selected: nothing");
  sy_byte_inspector_set_selection(SY_BYTE_INSPECTOR(inspector), &range);
  says(inspector, "Selected: 256 bytes, 0x02000 to 0x020FF");
  says(inspector, "SHA-256: …");
  wait_done(inspector);
  assert_true(sy_digest_image(image, &range, NULL, &digest));
  sha256 = g_strdup_printf("SHA-256: %s", digest.sha256);
  crc = g_strdup_printf("CRC-32: 0x%08X", digest.crc);
  says(inspector, sha256);
  says(inspector, crc);
  sy_byte_inspector_set_selection(SY_BYTE_INSPECTOR(inspector), &across);
  says(inspector, "Selected: 4712 bytes, 0x03200 to 0x131FF, with gaps");
  sy_byte_inspector_set_selection(SY_BYTE_INSPECTOR(inspector), &(SyRange){0x5000, 16});
  wait_done(inspector);
  says(inspector, "Selected: no byte from 0x05000 to 0x0500F");
  says(inspector, "CRC-32: —");
  sy_byte_inspector_set_selection(SY_BYTE_INSPECTOR(inspector), &nothing);
  wait_done(inspector);
  says(inspector, "Selected: nothing");
  says(inspector, "SHA-256: —");
  part_window_close(window);
}

static void only_the_newest_selection_is_answered(void **state)
{
  g_autofree guint8 *bytes = g_malloc0(LARGE);
  g_autoptr(SyRelease) release = release_of_bytes(bytes, LARGE);
  GtkWidget *inspector = sy_byte_inspector_new();
  GtkWidget *window = part_window_new(inspector, WIDE, 200);
  const SyRange one = {0x30000, 1};

  sy_byte_inspector_set_release(SY_BYTE_INSPECTOR(inspector), release);
  for (guint n = 0; n < 200; n++) {
    const SyRange range = {0x30000, LARGE - n};

    sy_byte_inspector_set_selection(SY_BYTE_INSPECTOR(inspector), &range);
    g_main_context_iteration(NULL, FALSE);
  }
  sy_byte_inspector_set_selection(SY_BYTE_INSPECTOR(inspector), &one);
  wait_done(inspector);
  says(inspector, "Selected: 1 byte, 0x30000 to 0x30000");
  says(inspector, "CRC-32: 0xD202EF8D");
  /* Let go in the middle of it. */
  sy_byte_inspector_set_selection(SY_BYTE_INSPECTOR(inspector), &(SyRange){0x30000, LARGE});
  part_window_close(window);
}

static void the_line_is_counted_and_a_file_that_is_gone_is_said(void **state)
{
  g_autoptr(SyRelease) release = part_release_of_text(":020000040003F7\n"
                                                      ":0400000001020304F2\n"
                                                      ":0400100005060708D2\n"
                                                      ":00000001FF\n");
  GtkWidget *inspector = sy_byte_inspector_new();
  GtkWidget *window = part_window_new(inspector, WIDE, 200);
  g_autofree char *text = NULL;

  sy_byte_inspector_set_release(SY_BYTE_INSPECTOR(inspector), release);
  says(inspector, "Line 2: …");
  sy_byte_inspector_set_cursor(SY_BYTE_INSPECTOR(inspector), 0x30012);
  says(inspector, "Line 3: …");
  wait_done(inspector);
  text = sy_byte_inspector_dup_text(SY_BYTE_INSPECTOR(inspector));
  assert_non_null(strstr(text, "Line 3: "));
  assert_null(strstr(text, "Line 3: …"));
  assert_null(strstr(text, "Line 3: —"));
  sy_byte_inspector_set_cursor(SY_BYTE_INSPECTOR(inspector), 0x30100);
  says(inspector, "Line: —");
  part_window_close(window);
}

/* The same words as who asks directly gets. */
static void the_line_under_the_cursor_is_read(void **state)
{
  g_autofree char *folder = temp_folder_new();
  g_autofree char *path = g_build_filename(folder, "test.hex", NULL);
  g_autoptr(GFile) file = g_file_new_for_path(path);
  g_autoptr(SyImageFile) image_file = NULL;
  g_autoptr(SyRelease) release = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *wanted = NULL;
  GtkWidget *inspector = sy_byte_inspector_new();
  GtkWidget *window = part_window_new(inspector, WIDE, 200);

  assert_true(g_file_set_contents(path, ":0400000001020304F2\n:0400100005060708D2\n:00000001FF\n",
                                  -1, NULL));
  image_file = sy_image_file_load(file, NULL, NULL, NULL);
  release = sy_release_new_from_file(image_file);
  sy_byte_inspector_set_release(SY_BYTE_INSPECTOR(inspector), release);
  sy_byte_inspector_set_cursor(SY_BYTE_INSPECTOR(inspector), 0x10);
  wait_done(inspector);
  text = sy_image_file_dup_line(image_file, 2, &error);
  if (text)
    assert_string_equal(text, ":0400100005060708D2");
  wanted = g_strdup_printf("Line 2: %s", text ? text : error->message);
  says(inspector, wanted);
  part_window_close(window);
  temp_folder_remove(g_steal_pointer(&folder));
}

static void copying_puts_all_of_it_on_the_clipboard(void **state)
{
  static const guint8 bytes[] = {0x18, 0xf0, 0x9f, 0xe5};
  g_autoptr(SyRelease) release = release_of_bytes(bytes, sizeof bytes);
  GtkWidget *inspector = sy_byte_inspector_new();
  GtkWidget *window = part_window_new(inspector, WIDE, 200);
  GdkContentProvider *content;
  g_auto(GValue) value = G_VALUE_INIT;

  sy_byte_inspector_set_release(SY_BYTE_INSPECTOR(inspector), release);
  assert_true(gtk_widget_activate_action(inspector, "inspector.copy", "s", "32"));
  content = gdk_clipboard_get_content(gtk_widget_get_clipboard(inspector));
  assert_non_null(content);
  g_value_init(&value, G_TYPE_STRING);
  assert_true(gdk_content_provider_get_value(content, &value, NULL));
  assert_string_equal(g_value_get_string(&value), "0xE59FF018 · 3852464152 · −442503144");
  /* What is not there is not copied. */
  assert_true(gtk_widget_activate_action(inspector, "inspector.copy", "s", "sha256"));
  assert_ptr_equal(gdk_clipboard_get_content(gtk_widget_get_clipboard(inspector)), content);
  part_window_close(window);
}

static void wait_frames(GtkWidget *window)
{
  for (int n = 0; n < 3; n++) {
    gtk_widget_queue_draw(window);
    test_spin_ms(20);
  }
}

/* As the window has it: at the bottom, as high as it wants. */
static GtkWidget *show_full(SyRelease *release, int width, GtkWidget **inspector)
{
  GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *space = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);

  *inspector = sy_byte_inspector_new();
  gtk_widget_set_vexpand(space, TRUE);
  gtk_box_append(GTK_BOX(box), space);
  gtk_box_append(GTK_BOX(box), *inspector);
  sy_byte_inspector_set_release(SY_BYTE_INSPECTOR(*inspector), release);
  sy_byte_inspector_set_cursor(SY_BYTE_INSPECTOR(*inspector), 0x2000);
  sy_byte_inspector_set_selection(SY_BYTE_INSPECTOR(*inspector), &(SyRange){0x2000, 0x200});
  wait_done(*inspector);
  return part_window_new(box, width, 300);
}

static void it_is_low_when_wide_and_wraps_when_narrow(void **state)
{
  g_autoptr(SyImage) image = release_build_both(RELEASE_VERSION, RELEASE_LENGTH);
  g_autoptr(SyRelease) release = sy_release_new(image, NULL);
  GtkWidget *inspector;
  GtkWidget *window = show_full(release, WIDE, &inspector);
  int height;

  wait_frames(window);
  height = gtk_widget_get_height(inspector);
  print_message("# %d pixels high at %d\n", height, gtk_widget_get_width(inspector));
  assert_true(height <= WIDE_HEIGHT_MAX);
  part_pictures(window, "byte-inspector");
  part_window_close(window);
  window = show_full(release, NARROW, &inspector);
  wait_frames(window);
  print_message("# %d pixels high at %d\n", gtk_widget_get_height(inspector),
                gtk_widget_get_width(inspector));
  assert_true(gtk_widget_get_width(window) <= NARROW);
  assert_true(gtk_widget_get_height(inspector) > height);
  part_pictures(window, "byte-inspector-narrow");
  part_window_close(window);
}

static void it_has_two_stops_for_tab_and_names_for_them(void **state)
{
  g_autoptr(SyImage) image = release_build_both(RELEASE_VERSION, RELEASE_LENGTH);
  g_autoptr(SyRelease) release = sy_release_new(image, NULL);
  GtkWidget *inspector;
  GtkWidget *window = show_full(release, WIDE, &inspector);
  guint stops = 0;

  gtk_test_accessible_assert_property(inspector, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      "What is at the cursor");
  gtk_window_set_focus(GTK_WINDOW(window), NULL);
  while (stops < 10 && gtk_widget_child_focus(inspector, GTK_DIR_TAB_FORWARD))
    stops++;
  /* To where the vector leads, and copying. */
  assert_int_equal(stops, 2);
  part_window_close(window);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_are_read_the_lowest_byte_first),
      cmocka_unit_test(a_character_is_shown_when_it_is_one),
      cmocka_unit_test(a_vector_is_explained_and_can_be_followed),
      cmocka_unit_test(a_selection_has_its_length_and_its_digests),
      cmocka_unit_test(only_the_newest_selection_is_answered),
      cmocka_unit_test(the_line_is_counted_and_a_file_that_is_gone_is_said),
      cmocka_unit_test(the_line_under_the_cursor_is_read),
      cmocka_unit_test(copying_puts_all_of_it_on_the_clipboard),
      cmocka_unit_test(it_is_low_when_wide_and_wraps_when_narrow),
      cmocka_unit_test(it_has_two_stops_for_tab_and_names_for_them),
  };
  int failed;

  if (!test_application_start()) {
    g_print("1..0 # SKIP no display\n");
    return 0;
  }
  failed = cmocka_run_group_tests(tests, NULL, NULL);
  test_application_stop();
  return failed;
}
