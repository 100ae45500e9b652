/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Images as rows, and their bytes as text for the clipboard. Needs no display. */

#include "sy-hex-copy.h"
#include "sy-hex-rows.h"

#include <gio/gio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct {
  guint32 addr;
  guint32 length;
} Piece;

/* Every byte says the low byte of its address. */
static SyImage *make_image(const Piece *pieces, guint count)
{
  SyImageBuilder *builder = sy_image_builder_new();

  for (guint n = 0; n < count; n++) {
    g_autofree guint8 *bytes = g_malloc(pieces[n].length);

    for (guint32 i = 0; i < pieces[n].length; i++)
      bytes[i] = (guint8)(pieces[n].addr + i);
    assert_true(sy_image_builder_add(builder, pieces[n].addr, bytes, pieces[n].length, 0, NULL));
  }
  return sy_image_builder_end(builder);
}

static SyHexRows *make_rows(const Piece *pieces, guint count, guint width)
{
  g_autoptr(SyImage) image = make_image(pieces, count);

  return sy_hex_rows_new(image, NULL, width);
}

#define ROWS(width, ...)                                                                           \
  make_rows((const Piece[]){__VA_ARGS__}, G_N_ELEMENTS(((const Piece[]){__VA_ARGS__})), width)
#define IMAGE(...)                                                                                 \
  make_image((const Piece[]){__VA_ARGS__}, G_N_ELEMENTS(((const Piece[]){__VA_ARGS__})))

static void assert_row(SyHexRows *rows, guint index, SyRowKind kind, guint32 addr, guint64 length)
{
  SyRow row;

  assert_true(index < sy_hex_rows_get_n(rows));
  sy_hex_rows_get(rows, index, &row);
  assert_int_equal(row.kind, kind);
  assert_int_equal(row.addr, addr);
  assert_int_equal(row.length, length);
}

/* --- rows --- */

static void an_empty_image_has_no_rows(void **state)
{
  g_autoptr(SyImage) image = sy_image_builder_end(sy_image_builder_new());
  g_autoptr(SyHexRows) rows = sy_hex_rows_new(image, NULL, 16);
  guint32 found;

  assert_int_equal(sy_hex_rows_get_n(rows), 0);
  assert_int_equal(sy_hex_rows_find(rows, 0x1000), 0);
  assert_false(sy_hex_rows_find_from(rows, 0, &found));
  assert_false(sy_hex_rows_find_below(rows, (guint64)G_MAXUINT32 + 1, &found));
}

static void a_gap_is_one_row_however_large(void **state)
{
  g_autoptr(SyHexRows) rows = ROWS(16, {0x40000000, 20}, {0xfffffff8, 8});

  assert_int_equal(sy_hex_rows_get_n(rows), 6);
  assert_row(rows, 0, SY_ROW_SEGMENT, 0x40000000, 20);
  assert_row(rows, 1, SY_ROW_BYTES, 0x40000000, 16);
  assert_row(rows, 2, SY_ROW_BYTES, 0x40000010, 16);
  assert_row(rows, 3, SY_ROW_GAP, 0x40000014, 0xbfffffe4);
  assert_row(rows, 4, SY_ROW_SEGMENT, 0xfffffff8, 8);
  assert_row(rows, 5, SY_ROW_BYTES, 0xfffffff0, 16);
}

static void less_than_a_missing_row_is_no_gap_row(void **state)
{
  g_autoptr(SyHexRows) near = ROWS(16, {0x40000000, 1}, {0x4000001f, 1});
  g_autoptr(SyHexRows) far = ROWS(16, {0x40000000, 1}, {0x40000020, 1});
  g_autoptr(SyHexRows) narrow = ROWS(8, {0x40000000, 1}, {0x4000001f, 1});

  assert_int_equal(sy_hex_rows_get_n(near), 3);
  assert_row(near, 2, SY_ROW_BYTES, 0x40000010, 16);
  assert_int_equal(sy_hex_rows_get_n(far), 5);
  assert_row(far, 2, SY_ROW_GAP, 0x40000001, 31);
  assert_int_equal(sy_hex_rows_get_n(narrow), 5);
  assert_row(narrow, 4, SY_ROW_BYTES, 0x40000018, 8);
}

static void sectors_of_the_chip_have_headings_only_where_bytes_are(void **state)
{
  g_autoptr(SyHexRows) rows = ROWS(16, {0x3ff0, 32}, {0x10008, 8}, {0x1ffff, 2});
  SyRow row;

  assert_row(rows, 0, SY_ROW_SECTOR, 0x2000, 0x2000);
  assert_row(rows, 1, SY_ROW_BYTES, 0x3ff0, 16);
  assert_row(rows, 2, SY_ROW_SECTOR, 0x4000, 0x2000);
  assert_row(rows, 3, SY_ROW_BYTES, 0x4000, 16);
  assert_row(rows, 4, SY_ROW_GAP, 0x4010, 0xbff8);
  assert_row(rows, 5, SY_ROW_SECTOR, 0x10000, 0x2000);
  sy_hex_rows_get(rows, 5, &row);
  assert_int_equal(row.number, 8);
  assert_int_equal(row.part, SY_PART_HIGH);
  assert_row(rows, 6, SY_ROW_BYTES, 0x10000, 16);
  assert_row(rows, 7, SY_ROW_GAP, 0x10010, 0xffef);
  assert_row(rows, 8, SY_ROW_SECTOR, 0x1e000, 0x2000);
  assert_row(rows, 9, SY_ROW_BYTES, 0x1fff0, 16);
  assert_row(rows, 10, SY_ROW_SEGMENT, 0x20000, 1); /* no gap before it */
  assert_row(rows, 11, SY_ROW_BYTES, 0x20000, 16);
  assert_int_equal(sy_hex_rows_get_n(rows), 12);
}

static void a_gap_within_a_sector_needs_no_second_heading(void **state)
{
  g_autoptr(SyHexRows) rows = ROWS(4, {0x2000, 4}, {0x2100, 4});

  assert_int_equal(sy_hex_rows_get_n(rows), 4);
  assert_row(rows, 2, SY_ROW_GAP, 0x2004, 0xfc);
  assert_row(rows, 3, SY_ROW_BYTES, 0x2100, 4);
}

static void a_heading_says_which_segments_it_is_for(void **state)
{
  g_autoptr(SyHexRows) rows = ROWS(16, {0x2000, 4}, {0x30000, 4}, {0x30008, 4}, {0x50000, 4});
  SyRow row;

  sy_hex_rows_get(rows, 3, &row);
  assert_int_equal(row.kind, SY_ROW_SEGMENT);
  assert_int_equal(row.number, 2);
  assert_int_equal(row.n_segments, 2);
  assert_int_equal(row.length, 12);
  sy_hex_rows_get(rows, 6, &row);
  assert_int_equal(row.kind, SY_ROW_SEGMENT);
  assert_int_equal(row.number, 4);
  assert_int_equal(row.n_segments, 1);
}

static void two_images_share_rows_in_either_order(void **state)
{
  g_autoptr(SyImage) a = IMAGE({0x0, 0x4010}, {0x30000, 16});
  g_autoptr(SyImage) b = IMAGE({0x100, 16}, {0x4008, 0x10}, {0x50000, 16});
  g_autoptr(SyHexRows) ab = sy_hex_rows_new(a, b, 16);
  g_autoptr(SyHexRows) ba = sy_hex_rows_new(b, a, 16);
  guint before = 1 + 512 + 1 + 512 + 1 + 2;

  assert_int_equal(sy_hex_rows_get_n(ab), before + 6);
  assert_int_equal(sy_hex_rows_get_n(ba), before + 6);
  for (guint n = 0; n < before + 6; n++) {
    SyRow one;
    SyRow two;

    sy_hex_rows_get(ab, n, &one);
    sy_hex_rows_get(ba, n, &two);
    assert_memory_equal(&one, &two, sizeof one);
  }
  assert_row(ab, 1, SY_ROW_BYTES, 0, 16);
  assert_row(ab, before - 1, SY_ROW_BYTES, 0x4010, 16);
  assert_row(ab, before, SY_ROW_GAP, 0x4018, 0x30000 - 0x4018);
  assert_row(ab, before + 5, SY_ROW_BYTES, 0x50000, 16);
  assert_true(sy_hex_rows_has(ab, 0x4017));
  assert_false(sy_hex_rows_has(ab, 0x4018));
  assert_true(sy_hex_rows_has(ab, 0x5000f));
}

static void every_row_is_found_again_by_its_address(void **state)
{
  g_autoptr(SyHexRows) rows =
      ROWS(8, {0x1ff3, 0x40}, {0x2100, 3}, {0x1fffc, 9}, {0x80000000, 33}, {0xfffffffc, 4});
  guint64 end = 0;

  for (guint n = 0; n < sy_hex_rows_get_n(rows); n++) {
    SyRow row;

    sy_hex_rows_get(rows, n, &row);
    if (row.kind != SY_ROW_BYTES && row.kind != SY_ROW_GAP)
      continue;
    assert_true(row.addr + row.length > end);
    end = row.addr + row.length;
    if (row.kind == SY_ROW_BYTES) {
      assert_int_equal(sy_hex_rows_find(rows, row.addr), n);
      assert_int_equal(sy_hex_rows_find(rows, row.addr + 7), n);
    } else {
      assert_int_equal(sy_hex_rows_find(rows, (guint32)(row.addr + row.length / 2)), n);
    }
  }
  assert_int_equal(end, (guint64)G_MAXUINT32 + 1);
  assert_int_equal(sy_hex_rows_find(rows, 0), 1); /* below all: the first bytes */
}

static void the_next_byte_is_found_over_gaps(void **state)
{
  g_autoptr(SyImage) a = IMAGE({0x100, 4}, {0xfffffffe, 2});
  g_autoptr(SyImage) b = IMAGE({0x104, 1}, {0x200, 4});
  g_autoptr(SyHexRows) rows = sy_hex_rows_new(a, b, 16);
  guint32 found;

  assert_true(sy_hex_rows_find_from(rows, 0, &found));
  assert_int_equal(found, 0x100);
  assert_true(sy_hex_rows_find_from(rows, 0x104, &found));
  assert_int_equal(found, 0x104);
  assert_true(sy_hex_rows_find_from(rows, 0x105, &found));
  assert_int_equal(found, 0x200);
  assert_true(sy_hex_rows_find_from(rows, 0x204, &found));
  assert_int_equal(found, 0xfffffffe);
  assert_false(sy_hex_rows_find_from(rows, (guint64)G_MAXUINT32 + 1, &found));
  assert_true(sy_hex_rows_find_below(rows, (guint64)G_MAXUINT32 + 1, &found));
  assert_int_equal(found, 0xffffffff);
  assert_true(sy_hex_rows_find_below(rows, 0xfffffffe, &found));
  assert_int_equal(found, 0x203);
  assert_true(sy_hex_rows_find_below(rows, 0x200, &found));
  assert_int_equal(found, 0x104);
  assert_true(sy_hex_rows_find_below(rows, 0x104, &found));
  assert_int_equal(found, 0x103);
  assert_false(sy_hex_rows_find_below(rows, 0x100, &found));
}

static void what_is_missing_in_a_row_is_told(void **state)
{
  g_autoptr(SyImage) image = IMAGE({0x12, 2}, {0x18, 1}, {0xfffffffc, 4});
  guint8 bytes[SY_ROW_WIDTH_MAX] = {0};

  assert_int_equal(sy_row_read(image, 0x10, 16, bytes), 0x10c);
  assert_int_equal(bytes[2], 0x12);
  assert_int_equal(bytes[8], 0x18);
  assert_int_equal(bytes[9], 0);
  assert_int_equal(sy_row_read(image, 0x20, 16, bytes), 0);
  assert_int_equal(sy_row_read(image, 0xfffffff0, 16, bytes), 0xf000);
  assert_int_equal(bytes[15], 0xff);
}

static void the_most_segments_stay_quick_to_look_up(void **state)
{
  enum { COUNT = 65536 };
  g_autofree Piece *pieces = g_new(Piece, COUNT);
  g_autoptr(SyHexRows) rows = NULL;

  for (guint n = 0; n < COUNT; n++)
    pieces[n] = (Piece){.addr = n * 0x10000 + 5, .length = 2};
  rows = make_rows(pieces, COUNT, 16);
  /* Two pieces are in the chip's flash, the others have a heading each; all but one a gap. */
  assert_int_equal(sy_hex_rows_get_n(rows), 3 * COUNT - 1);
  assert_row(rows, 3 * COUNT - 2, SY_ROW_BYTES, 0xffff0000, 16);
  assert_int_equal(sy_hex_rows_find(rows, 0x80000005), 3 * 0x8000 + 1);
}

static void regions_are_those_of_the_chip(void **state)
{
  assert_int_equal(sy_flash_part_at(0x0), SY_PART_JUMP);
  assert_int_equal(sy_flash_part_at(0x1fff), SY_PART_LOADER);
  assert_int_equal(sy_flash_part_at(0x2000), SY_PART_LOW);
  assert_int_equal(sy_flash_part_at(0x10000), SY_PART_HIGH);
  assert_int_equal(sy_flash_part_at(0x1bfff), SY_PART_HIGH);
  assert_int_equal(sy_flash_part_at(0x1c000), SY_PART_RECORDS);
  assert_int_equal(sy_flash_part_at(0x1e000), SY_PART_BOOT);
  assert_int_equal(sy_flash_part_at(0x20000), SY_PART_OUTSIDE);
  assert_string_equal(sy_flash_part_get_name(SY_PART_HIGH), "HIGH");
}

/* --- copies --- */

static void assert_copy(SyImage *image, guint64 addr, guint64 end, SyCopyFormat format,
                        const char *expected)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text = sy_hex_copy(image, addr, end, format, &error);

  assert_null(error);
  assert_string_equal(text, expected);
}

static void bytes_are_copied_as_hex_sixteen_a_line(void **state)
{
  g_autoptr(SyImage) image = IMAGE({0x30, 40}, {0x100, 2});

  assert_copy(image, 0x31, 0x34, SY_COPY_HEX, "31 32 33");
  assert_copy(image, 0x46, 0x200, SY_COPY_HEX,
              "46 47 48 49 4A 4B 4C 4D 4E 4F 50 51 52 53 54 55\n56 57\n00 01");
}

static void bytes_are_copied_as_text_with_dots(void **state)
{
  g_autoptr(SyImage) image = IMAGE({0x1e, 4}, {0x41, 3}, {0x7d, 3});

  assert_copy(image, 0, G_MAXUINT32, SY_COPY_TEXT, ".. !\nABC\n}~.");
}

static void bytes_are_copied_as_c_with_gaps_told(void **state)
{
  g_autoptr(SyImage) image = IMAGE({0x10000, 13}, {0x10010, 1});

  assert_copy(image, 0x10000, 0x10011, SY_COPY_C,
              "const uint8_t data_00010000[13] = {\n"
              "    0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B,\n"
              "    0x0C,\n"
              "};\n"
              "\n/* Nothing from 0x0001000D to 0x0001000F (3 bytes). */\n\n"
              "const uint8_t data_00010010[1] = {\n"
              "    0x10,\n"
              "};\n");
}

static void bytes_are_copied_with_addresses(void **state)
{
  g_autoptr(SyImage) image = IMAGE({0x4e, 12}, {0xfffffffe, 2});

  assert_copy(image, 0, (guint64)G_MAXUINT32 + 1, SY_COPY_DUMP,
              "00000040                                             4E 4F                NO\n"
              "00000050  50 51 52 53 54 55 56 57  58 59                    PQRSTUVWXY\n"
              "...\n"
              "FFFFFFF0                                             FE FF                ..\n");
}

static void too_much_for_the_clipboard_is_said(void **state)
{
  g_autoptr(SyImage) image = IMAGE({0, SY_COPY_MAX}, {0x40000000, 1});
  g_autofree char *most = sy_hex_copy(image, 0, 0x40000000, SY_COPY_HEX, NULL);
  g_autoptr(GError) error = NULL;

  assert_int_equal(strlen(most), 3 * SY_COPY_MAX - 1);
  assert_null(sy_hex_copy(image, 0, 0x40000001, SY_COPY_HEX, &error));
  assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT));
  assert_non_null(strstr(error->message, "1 MB"));
}

static void nothing_to_copy_is_said(void **state)
{
  g_autoptr(SyImage) image = IMAGE({0x10, 1});
  g_autoptr(GError) gap = NULL;
  g_autoptr(GError) empty = NULL;

  assert_null(sy_hex_copy(image, 0x20, 0x100, SY_COPY_C, &gap));
  assert_true(g_error_matches(gap, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT));
  assert_null(sy_hex_copy(image, 0x10, 0x10, SY_COPY_C, &empty));
  assert_true(g_error_matches(empty, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_empty_image_has_no_rows),
      cmocka_unit_test(a_gap_is_one_row_however_large),
      cmocka_unit_test(less_than_a_missing_row_is_no_gap_row),
      cmocka_unit_test(sectors_of_the_chip_have_headings_only_where_bytes_are),
      cmocka_unit_test(a_gap_within_a_sector_needs_no_second_heading),
      cmocka_unit_test(a_heading_says_which_segments_it_is_for),
      cmocka_unit_test(two_images_share_rows_in_either_order),
      cmocka_unit_test(every_row_is_found_again_by_its_address),
      cmocka_unit_test(the_next_byte_is_found_over_gaps),
      cmocka_unit_test(what_is_missing_in_a_row_is_told),
      cmocka_unit_test(the_most_segments_stay_quick_to_look_up),
      cmocka_unit_test(regions_are_those_of_the_chip),
      cmocka_unit_test(bytes_are_copied_as_hex_sixteen_a_line),
      cmocka_unit_test(bytes_are_copied_as_text_with_dots),
      cmocka_unit_test(bytes_are_copied_as_c_with_gaps_told),
      cmocka_unit_test(bytes_are_copied_with_addresses),
      cmocka_unit_test(too_much_for_the_clipboard_is_said),
      cmocka_unit_test(nothing_to_copy_is_said),
  };

  return cmocka_run_group_tests_name("bytes as rows", tests, NULL, NULL);
}
