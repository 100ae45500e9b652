/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Releases out of files that were opened to be looked at: what is wrong with the text keeps every
 * program of it from being sent.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "release-builder.h"
#include "sy-hex.h"
#include "temp-folder.h"
#include "wire-bytes.h"

static char *folder;

static int set_up(void **state)
{
  (void)state;
  folder = temp_folder_new();
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  g_clear_pointer(&folder, temp_folder_remove);
  return 0;
}

static GFile *write_file(const GString *text)
{
  g_autofree char *path = g_build_filename(folder, "release", NULL);

  assert_true(g_file_set_contents(path, text->str, (gssize)text->len, NULL));
  return g_file_new_for_path(path);
}

/* The text of a right release, in lines of 16 bytes. */
static GString *release_text(void)
{
  g_autoptr(SyImage) image = release_build_both(RELEASE_VERSION, RELEASE_LENGTH);

  return sy_hex_write(image, 16);
}

static SyRelease *open_text(const GString *text)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GFile) file = write_file(text);
  g_autoptr(SyImageFile) loaded = sy_image_file_load(file, NULL, NULL, &error);

  if (error)
    fail_msg("%s", error->message);
  return sy_release_new_from_file(loaded);
}

static void strict_says(const GString *text, const char *begins)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GFile) file = write_file(text);
  g_autoptr(SyRelease) release = sy_release_load(file, NULL, &error);

  if (!begins) {
    if (error)
      fail_msg("%s", error->message);
    assert_non_null(sy_release_get_file(release));
    return;
  }
  assert_null(release);
  if (!error || error->domain != SY_HEX_ERROR || !g_str_has_prefix(error->message, begins))
    fail_msg("%s, not %s", error ? error->message : "none", begins);
}

static void a_right_file_has_no_finding_about_its_text(void **state)
{
  (void)state;
  g_autoptr(GString) text = release_text();
  g_autoptr(SyRelease) release = open_text(text);

  assert_int_equal(sy_release_get_n_findings(release), 0);
  assert_non_null(sy_release_get_file(release));
  assert_non_null(sy_release_pick(release, WIRE_PRODUCT_DEMO, WIRE_BANK_HIGH, NULL));
  strict_says(text, NULL);
}

/* The broken line is beside the programs: no byte of them misses. */
static void one_error_in_the_text_keeps_both_programs_from_being_sent(void **state)
{
  (void)state;
  g_autoptr(GString) text = release_text();

  g_string_prepend(text, ":0100000001FF\n");

  g_autoptr(SyRelease) release = open_text(text);
  const SyFinding *finding = sy_release_get_finding(release, 0);

  release_others_are_content(release, WIRE_BANK_LOW, SY_CHECK_COUNT);
  release_file_finding(release, 0, SY_CHECK_BANK, SY_SEVERITY_ERROR,
                       "line 1, column 12: the checksum is FF, but the line's bytes want FE.");
  assert_null(strstr(finding->text, "more problem"));
  assert_int_equal(finding->line, 1);
  assert_int_equal(finding->addr, 0);
  assert_string_equal(sy_release_get_error(release), finding->text);
  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++)
    release_pick_refuses(release, WIRE_PRODUCT_DEMO, bank, SY_RELEASE_ERROR_DAMAGED,
                         "The file is damaged: line 1, column 12: the checksum is FF");
  strict_says(text, "line 1, column 12: the checksum is FF");
}

static void more_errors_are_counted_and_the_first_is_told(void **state)
{
  (void)state;
  g_autoptr(GString) text = release_text();

  g_string_prepend(text, "; odd\n:0100000001FF\nhello\n:01\n");

  g_autoptr(SyRelease) release = open_text(text);

  assert_int_equal(sy_release_get_n_findings(release), 1);
  release_file_finding(release, 0, SY_CHECK_BANK, SY_SEVERITY_ERROR, "line 2, column 12: ");
  release_file_finding(release, 0, SY_CHECK_BANK, SY_SEVERITY_ERROR, " And 2 more problems.");
  assert_int_equal(sy_release_get_finding(release, 0)->line, 2);
}

static void what_is_only_odd_is_a_warning(void **state)
{
  (void)state;
  g_autoptr(GString) text = release_text();

  g_string_prepend(text, "; odd\n# twice\n");

  g_autoptr(SyRelease) release = open_text(text);

  assert_int_equal(sy_release_get_n_findings(release), 1);
  release_file_finding(release, 0, SY_CHECK_BANK, SY_SEVERITY_WARNING, "line 1: ");
  release_file_finding(release, 0, SY_CHECK_BANK, SY_SEVERITY_WARNING, " And 1 more problem.");
  assert_null(sy_release_get_error(release));
  assert_non_null(sy_release_pick(release, WIRE_PRODUCT_DEMO, WIRE_BANK_LOW, NULL));
  strict_says(text, NULL);
}

static void findings_name_the_line_of_their_address(void **state)
{
  (void)state;
  g_autofree guint8 *program =
      release_build_program(WIRE_BANK_HIGH, RELEASE_VERSION, RELEASE_LENGTH);

  wire_put_u32(program + WIRE_VECTOR_SUM_ADDR, 0);

  g_autoptr(SyImage) image = release_image_of(WIRE_BANK_HIGH, program, RELEASE_LENGTH);
  g_autoptr(GString) text = sy_hex_write(image, 16);
  g_autoptr(SyRelease) release = open_text(text);
  const SyFinding *vectors = release_finding_of(release, WIRE_BANK_HIGH, SY_CHECK_VECTORS);
  const SyFinding *crc = release_finding_of(release, WIRE_BANK_HIGH, SY_CHECK_CRC);

  /* Line 1 is the type 04 record; 0x14 is in the second line of 16 bytes, 0x7C in the eighth. */
  assert_int_equal(vectors->addr, 0x10014);
  assert_int_equal(vectors->line, 3);
  assert_int_equal(crc->addr, 0x1007c);
  assert_int_equal(crc->line, 9);
}

/* An S-record file of the bytes of an image, 16 a line. */
static GString *to_srec(SyImage *image)
{
  GString *text = g_string_new(NULL);

  for (guint i = 0; i < sy_image_get_n_segments(image); i++) {
    const SySegment *segment = sy_image_get_segment(image, i);

    for (guint32 at = 0; at < segment->length; at += 16) {
      guint count = MIN(16, segment->length - at);
      guint32 addr = segment->addr + at;
      guint sum =
          count + 5 + (addr >> 24) + (addr >> 16 & 0xff) + (addr >> 8 & 0xff) + (addr & 0xff);

      g_string_append_printf(text, "S3%02X%08X", count + 5, addr);
      for (guint j = 0; j < count; j++) {
        g_string_append_printf(text, "%02X", segment->bytes[at + j]);
        sum += segment->bytes[at + j];
      }
      g_string_append_printf(text, "%02X\n", ~sum & 0xff);
    }
  }
  g_string_append(text, "S70500000000FA\n");
  return text;
}

static void an_s_record_release_can_be_sent_too(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = release_build_both(RELEASE_VERSION, RELEASE_LENGTH);
  g_autoptr(GString) text = to_srec(image);
  g_autoptr(SyRelease) release = open_text(text);

  assert_int_equal(sy_release_get_n_findings(release), 0);
  release_others_are_content(release, WIRE_BANK_LOW, SY_CHECK_COUNT);
  release_others_are_content(release, WIRE_BANK_HIGH, SY_CHECK_COUNT);
  assert_non_null(sy_release_pick(release, WIRE_PRODUCT_DEMO, WIRE_BANK_HIGH, NULL));
  strict_says(text, NULL);
  text->str[20] = 'x';
  strict_says(text, "line 1, column 21: “x”");
}

static void raw_bytes_are_no_release(void **state)
{
  (void)state;
  g_autoptr(GString) text = g_string_new_len("\0\1\2\3", 4);
  g_autoptr(GFile) file = write_file(text);
  g_autoptr(GError) error = NULL;

  assert_null(sy_release_load(file, NULL, &error));
  assert_true(g_error_matches(error, SY_FILE_ERROR, SY_FILE_ERROR_ADDRESS));
}

#define each(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      each(a_right_file_has_no_finding_about_its_text),
      each(one_error_in_the_text_keeps_both_programs_from_being_sent),
      each(more_errors_are_counted_and_the_first_is_told),
      each(what_is_only_odd_is_a_warning),
      each(findings_name_the_line_of_their_address),
      each(an_s_record_release_can_be_sent_too),
      each(raw_bytes_are_no_release),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
