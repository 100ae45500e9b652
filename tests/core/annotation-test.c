/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What an address of a release means: parts, and the fields of vectors, headers and records.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "release-builder.h"
#include "sy-annotation.h"
#include "wire-bytes.h"

enum { BRANCH_TO_SELF = 0xeafffffe };

static const SyAnnotation *find_field(SyAnnotations *annotations, guint32 addr)
{
  gint index = sy_annotations_find(annotations, addr);

  return index < 0 ? NULL : sy_annotations_get(annotations, (guint)index);
}

/* The field at `addr` begins there, and reads as `text`. */
static void field_reads(SyAnnotations *annotations, guint32 addr, guint32 length,
                        SySeverity severity, const char *text)
{
  const SyAnnotation *field = find_field(annotations, addr);

  if (!field)
    fail_msg("no field at 0x%05X, wanted “%s”", addr, text);

  g_autofree char *found = sy_annotation_dup_text(field);

  assert_string_equal(found, text);
  assert_int_equal(field->addr, addr);
  assert_int_equal(field->length, length);
  assert_int_equal(field->severity, severity);
}

/* Rising, apart, within the file. */
static void fields_are_in_order(SyAnnotations *annotations, SyImage *image)
{
  guint64 end = 0;

  for (guint i = 0; i < sy_annotations_get_n(annotations); i++) {
    const SyAnnotation *field = sy_annotations_get(annotations, i);

    assert_true(field->addr >= end);
    assert_true(field->length > 0);
    assert_non_null(sy_image_peek(image, field->addr, field->length));
    assert_int_equal(sy_annotations_find(annotations, field->addr), i);
    assert_int_equal(sy_annotations_find(annotations, field->addr + field->length - 1), i);
    end = (guint64)field->addr + field->length;
  }
}

static void parts_fill_all_addresses_in_rising_order(void **state)
{
  (void)state;
  guint64 end = 0;

  for (SyFlashPart part = 0; part < SY_PART_COUNT; part++) {
    SyRange range = sy_flash_part_get_range(part);

    assert_int_equal(range.addr, end);
    end = range.addr + range.length;
    assert_int_equal(sy_flash_part_at(range.addr), part);
    assert_int_equal(sy_flash_part_at((guint32)(end - 1)), part);
    assert_true(strlen(sy_flash_part_get_name(part)) > 0);
  }
  assert_true(end == G_GUINT64_CONSTANT(1) << 32);
  assert_int_equal(sy_sector_at(0), 0);
  assert_int_equal(sy_sector_at(WIRE_FLASH_SIZE - 1), 15);
  assert_int_equal(sy_sector_at(WIRE_FLASH_SIZE), -1);
  assert_int_equal(sy_sector_at(G_MAXUINT32), -1);
}

static void a_right_program_is_named_field_by_field(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = release_build_both(RELEASE_VERSION, RELEASE_LENGTH);
  g_autoptr(SyRelease) release = sy_release_new(image, NULL);
  g_autoptr(SyAnnotations) annotations = sy_annotations_new(release);
  const SyAnnotation *reset = find_field(annotations, 0x2000);
  char crc[80];

  g_snprintf(crc, sizeof crc, "CRC-32 of the program: %08X, right",
             sy_release_get_program(release, WIRE_BANK_LOW)->header.crc);
  fields_are_in_order(annotations, image);
  field_reads(annotations, 0x2000, 4, SY_SEVERITY_OK, "reset vector → 0x02080");
  assert_true(reset->has_target);
  assert_int_equal(reset->target_addr, 0x2080);
  field_reads(annotations, 0x2014, 4, SY_SEVERITY_OK, "vector sum: right");
  field_reads(annotations, 0x2018, 4, SY_SEVERITY_OK,
              "IRQ vector: to where the interrupt controller says");
  assert_false(find_field(annotations, 0x2018)->has_target);
  field_reads(annotations, 0x2020, 4, SY_SEVERITY_OK, "target of the reset vector → 0x02080");
  field_reads(annotations, 0x2040, 4, SY_SEVERITY_OK, "program header: SWYH");
  field_reads(annotations, 0x2044, 2, SY_SEVERITY_OK, "header format: 1");
  field_reads(annotations, 0x2046, 2, SY_SEVERITY_OK, "header size: 64 bytes");
  field_reads(annotations, 0x2048, 4, SY_SEVERITY_OK, "product: DSS1");
  field_reads(annotations, 0x204c, 4, SY_SEVERITY_OK, "version: 1.2.3");
  field_reads(annotations, 0x2050, 4, SY_SEVERITY_OK, "length: 4660 bytes");
  field_reads(annotations, 0x2054, 4, SY_SEVERITY_OK, "linked for: LOW, 0x02000");
  field_reads(annotations, 0x2058, 28, SY_SEVERITY_OK, "name: “demo program”");
  field_reads(annotations, 0x2074, 8, SY_SEVERITY_OK, "reserved: not used");
  field_reads(annotations, 0x207c, 4, SY_SEVERITY_OK, crc);
  field_reads(annotations, 0x10000, 4, SY_SEVERITY_OK, "reset vector → 0x10080");
  field_reads(annotations, 0x10054, 4, SY_SEVERITY_OK, "linked for: HIGH, 0x10000");
  assert_null(find_field(annotations, 0x2080));
  assert_null(find_field(annotations, 0x1fff));
}

static void what_is_wrong_is_said_where_it_stands(void **state)
{
  (void)state;
  g_autofree guint8 *program =
      release_build_program(WIRE_BANK_LOW, RELEASE_VERSION, RELEASE_LENGTH);
  guint32 needed = wire_vector_sum(program);
  char text[80];

  program[WIRE_VECTOR_SUM_ADDR] ^= 1;
  program[0x200] ^= 1;
  wire_put_u32(program + 0x20, 0x30000);

  g_autoptr(SyRelease) release = release_of(WIRE_BANK_LOW, program, RELEASE_LENGTH);
  g_autoptr(SyAnnotations) annotations = sy_annotations_new(release);

  needed = wire_vector_sum(program);
  g_snprintf(text, sizeof text, "vector sum: wrong, %08X is needed", needed);
  field_reads(annotations, 0x2014, 4, SY_SEVERITY_ERROR, text);
  g_snprintf(text, sizeof text, "CRC-32 of the program: %08X, wrong: the bytes give %08X",
             wire_image_get_crc(program), wire_image_crc(program, program, RELEASE_LENGTH));
  field_reads(annotations, 0x207c, 4, SY_SEVERITY_ERROR, text);
  field_reads(annotations, 0x2048, 4, SY_SEVERITY_OK, "product: DSS1");
}

static void a_reset_vector_that_leads_out_of_the_program_is_an_error(void **state)
{
  (void)state;
  g_autofree guint8 *program =
      release_build_program(WIRE_BANK_LOW, RELEASE_VERSION, RELEASE_LENGTH);

  wire_put_u32(program + 0x20, 0x30000);
  wire_put_u32(program + 0x04, BRANCH_TO_SELF);
  wire_put_u32(program + 0x08, 0xe1a00000);
  wire_put_u32(program + 0x2c, release_addr_of(WIRE_BANK_HIGH) + 0x100);
  release_seal(program, RELEASE_LENGTH);

  g_autoptr(SyRelease) release = release_of(WIRE_BANK_LOW, program, RELEASE_LENGTH);
  g_autoptr(SyAnnotations) annotations = sy_annotations_new(release);

  field_reads(annotations, 0x2000, 4, SY_SEVERITY_ERROR, "reset vector → 0x30000");
  field_reads(annotations, 0x2004, 4, SY_SEVERITY_OK,
              "undefined instruction vector → 0x02004, a relative branch");
  field_reads(annotations, 0x2008, 4, SY_SEVERITY_OK, "SWI vector: E1A00000, no jump");
  /* In the other bank. */
  field_reads(annotations, 0x200c, 4, SY_SEVERITY_ERROR, "prefetch abort vector → 0x10100");
  field_reads(annotations, 0x202c, 4, SY_SEVERITY_ERROR,
              "target of the prefetch abort vector → 0x10100");
}

static void a_header_in_the_wrong_bank_says_what_it_is_linked_for(void **state)
{
  (void)state;
  g_autofree guint8 *low = release_build_program(WIRE_BANK_LOW, RELEASE_VERSION, RELEASE_LENGTH);
  g_autoptr(SyRelease) release = release_of(WIRE_BANK_HIGH, low, RELEASE_LENGTH);
  g_autoptr(SyAnnotations) annotations = sy_annotations_new(release);

  field_reads(annotations, 0x10054, 4, SY_SEVERITY_ERROR, "linked for: LOW, 0x02000");
  field_reads(annotations, 0x10000, 4, SY_SEVERITY_ERROR, "reset vector → 0x02080");
}

static void what_is_no_header_is_not_read_as_one(void **state)
{
  (void)state;
  g_autofree guint8 *program =
      release_build_program(WIRE_BANK_LOW, RELEASE_VERSION, RELEASE_LENGTH);

  program[0x44] = 9;
  release_seal(program, RELEASE_LENGTH);

  g_autoptr(SyRelease) newer = release_of(WIRE_BANK_LOW, program, RELEASE_LENGTH);
  g_autoptr(SyAnnotations) of_newer = sy_annotations_new(newer);

  field_reads(of_newer, 0x2044, 4, SY_SEVERITY_ERROR,
              "header format: 9, not known to this version of Switchyard");
  assert_null(find_field(of_newer, 0x2048));

  program[0x40] = 0;

  g_autoptr(SyRelease) none = release_of(WIRE_BANK_LOW, program, RELEASE_LENGTH);
  g_autoptr(SyAnnotations) of_none = sy_annotations_new(none);

  field_reads(of_none, 0x2040, 4, SY_SEVERITY_ERROR, "program header: none here");
  assert_null(find_field(of_none, 0x2044));
}

static void a_length_and_a_name_that_nobody_vouches_for_do_no_harm(void **state)
{
  (void)state;
  g_autofree guint8 *program =
      release_build_program(WIRE_BANK_LOW, RELEASE_VERSION, RELEASE_LENGTH);

  wire_put_u32(program + 0x50, G_MAXUINT32);
  memset(program + 0x58, 0x1b, WIRE_IMAGE_NAME_SIZE);

  g_autoptr(SyRelease) release = release_of(WIRE_BANK_LOW, program, RELEASE_LENGTH);
  g_autoptr(SyAnnotations) annotations = sy_annotations_new(release);

  field_reads(annotations, 0x2050, 4, SY_SEVERITY_ERROR, "length: 4294967295 bytes");
  field_reads(annotations, 0x2058, 28, SY_SEVERITY_OK, "name: “????????????????????????????”");
  assert_non_null(strstr(find_field(annotations, 0x207c)->value, "cannot be checked"));
}

static void every_short_program_is_taken_as_far_as_it_goes(void **state)
{
  (void)state;
  g_autofree guint8 *program = release_build_program(WIRE_BANK_LOW, RELEASE_VERSION, 0x100);

  for (guint32 length = 1; length <= 0x90; length++) {
    g_autofree guint8 *part = g_memdup2(program, length); /* for the sanitizer to see */
    g_autoptr(SyRelease) release = release_of(WIRE_BANK_LOW, part, length);
    g_autoptr(SyAnnotations) annotations = sy_annotations_new(release);

    fields_are_in_order(annotations, sy_release_get_image(release));
    assert_int_equal(sy_annotations_get_n(annotations) > 0, length >= 4);
  }
}

static void a_word_that_locks_the_chip_is_an_error_where_it_acts(void **state)
{
  (void)state;
  g_autoptr(SyRelease) locked = release_with_sector_zero(0x12345678);
  g_autoptr(SyAnnotations) of_locked = sy_annotations_new(locked);
  g_autoptr(SyRelease) open = release_with_sector_zero(G_MAXUINT32);
  g_autoptr(SyAnnotations) of_open = sy_annotations_new(open);

  field_reads(of_locked, WIRE_CRP_ADDR, 4, SY_SEVERITY_ERROR,
              "code read protection: 12345678, locks the chip for good");
  field_reads(of_open, WIRE_CRP_ADDR, 4, SY_SEVERITY_OK,
              "code read protection: FFFFFFFF, does not lock the chip");
  fields_are_in_order(of_open, sy_release_get_image(open));
}

static void bank_records_are_read_and_torn_ones_named(void **state)
{
  (void)state;
  SyImageBuilder *builder = sy_image_builder_new();
  guint8 sector[WIRE_SECTOR_SIZE];
  const WireRecord record = {.bank = WIRE_BANK_HIGH,
                             .sequence = 7,
                             .state = WIRE_RECORD_RETURNED,
                             .version = RELEASE_VERSION,
                             .crc = 0xcafe,
                             .starts = 2,
                             .cause = 1,
                             .incoming = 0xbeef};

  memset(sector, 0xff, sizeof sector);
  wire_record_write(&record, sector);
  wire_record_write(&record, sector + WIRE_BLOCK_SIZE);
  sector[WIRE_BLOCK_SIZE + 8] ^= 1;
  release_add(builder, WIRE_RECORD_ADDR, sector, sizeof sector);

  g_autoptr(SyImage) image = sy_image_builder_end(builder);
  g_autoptr(SyRelease) release = sy_release_new(image, NULL);
  g_autoptr(SyAnnotations) annotations = sy_annotations_new(release);

  fields_are_in_order(annotations, image);
  field_reads(annotations, 0x1c000, 4, SY_SEVERITY_OK, "record 1, bank: HIGH");
  field_reads(annotations, 0x1c008, 4, SY_SEVERITY_OK, "record 1, sequence: 7");
  field_reads(annotations, 0x1c00c, 4, SY_SEVERITY_OK,
              "record 1, state: returned to; the other program was left");
  field_reads(annotations, 0x1c010, 4, SY_SEVERITY_OK, "record 1, version: 1.2.3");
  field_reads(annotations, 0x1c018, 1, SY_SEVERITY_OK, "record 1, starts on trial: 2");
  field_reads(annotations, 0x1c019, 1, SY_SEVERITY_OK, "record 1, cause: it hung");
  field_reads(annotations, 0x1c01a, 2, SY_SEVERITY_OK,
              "record 1, mark of the program that was to come: BEEF");
  field_reads(annotations, 0x1c200, 32, SY_SEVERITY_WARNING,
              "record 2: not valid, the chip passes it over");
  assert_null(find_field(annotations, 0x1c020));
  assert_null(find_field(annotations, 0x1c400));
}

static void an_address_is_told_by_its_part_of_flash_its_segment_and_its_field(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = release_build_both(RELEASE_VERSION, RELEASE_LENGTH);
  g_autoptr(SyRelease) release = sy_release_new(image, NULL);
  g_auto(GStrv) reset = sy_annotation_describe(release, 0x2001);
  g_auto(GStrv) code = sy_annotation_describe(release, 0x10100);
  g_auto(GStrv) gap = sy_annotation_describe(release, 0x8000);
  g_auto(GStrv) before = sy_annotation_describe(release, 0x1fff);
  g_auto(GStrv) behind = sy_annotation_describe(release, G_MAXUINT32);
  g_autofree char *all = g_strjoinv(" · ", reset);

  assert_string_equal(all, "LOW, sector 1 · segment 1 of 2, 0x02000 to 0x03233 · "
                           "reset vector → 0x02080");
  assert_int_equal(g_strv_length(code), 2);
  assert_string_equal(code[0], "HIGH, sector 8");
  assert_string_equal(gap[1], "no byte: a gap from 0x03234 to 0x0FFFF");
  assert_string_equal(before[0], "Loader, sector 0");
  assert_string_equal(before[1], "no byte: the file begins at 0x02000");
  assert_string_equal(behind[0], "Outside flash");
  assert_string_equal(behind[1], "no byte: the file ends at 0x11233");
}

static void an_empty_image_has_no_fields(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = sy_image_builder_end(sy_image_builder_new());
  g_autoptr(SyRelease) release = sy_release_new(image, NULL);
  g_autoptr(SyAnnotations) annotations = sy_annotations_new(release);
  g_auto(GStrv) pieces = sy_annotations_describe(annotations, 0);

  assert_int_equal(sy_annotations_get_n(annotations), 0);
  assert_int_equal(sy_annotations_find(annotations, 0), -1);
  assert_int_equal(sy_image_find_segment_index(image, 0), 0);
  assert_string_equal(pieces[1], "no byte: the file is empty");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parts_fill_all_addresses_in_rising_order),
      cmocka_unit_test(a_right_program_is_named_field_by_field),
      cmocka_unit_test(what_is_wrong_is_said_where_it_stands),
      cmocka_unit_test(a_reset_vector_that_leads_out_of_the_program_is_an_error),
      cmocka_unit_test(a_header_in_the_wrong_bank_says_what_it_is_linked_for),
      cmocka_unit_test(what_is_no_header_is_not_read_as_one),
      cmocka_unit_test(a_length_and_a_name_that_nobody_vouches_for_do_no_harm),
      cmocka_unit_test(every_short_program_is_taken_as_far_as_it_goes),
      cmocka_unit_test(a_word_that_locks_the_chip_is_an_error_where_it_acts),
      cmocka_unit_test(bank_records_are_read_and_torn_ones_named),
      cmocka_unit_test(an_address_is_told_by_its_part_of_flash_its_segment_and_its_field),
      cmocka_unit_test(an_empty_image_has_no_fields),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
