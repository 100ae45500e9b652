/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Releases: each single check of a program notices the one thing that is spoilt.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "release-builder.h"
#include "sy-release.h"
#include "sy-vector.h"
#include "wire-bytes.h"

static void a_program_placed_in_the_other_bank_is_an_error_in_clear_words(void **state)
{
  (void)state;
  g_autofree guint8 *low = release_build_program(WIRE_BANK_LOW, RELEASE_VERSION, RELEASE_LENGTH);
  g_autoptr(SyRelease) release = release_of(WIRE_BANK_HIGH, low, RELEASE_LENGTH);

  release_found(release, WIRE_BANK_HIGH, SY_CHECK_BANK, SY_SEVERITY_ERROR,
                "lies in HIGH (from 0x10000), but its header says it is linked for LOW (0x02000)");
  release_found(release, WIRE_BANK_HIGH, SY_CHECK_VECTORS, SY_SEVERITY_ERROR,
                "outside the program");
  release_pick_refuses(release, WIRE_PRODUCT_DEMO, WIRE_BANK_HIGH, SY_RELEASE_ERROR_BANK,
                       "linked for LOW");
}

static void a_header_alone_does_not_make_a_program_fit_the_bank(void **state)
{
  (void)state;
  g_autofree guint8 *program =
      release_build_program(WIRE_BANK_LOW, RELEASE_VERSION, RELEASE_LENGTH);
  WireImageHeader header;

  assert_true(wire_image_header_read(program, &header));
  header.bank_addr = release_addr_of(WIRE_BANK_HIGH);
  release_set_header(program, RELEASE_LENGTH, &header);

  g_autoptr(SyRelease) release = release_of(WIRE_BANK_HIGH, program, RELEASE_LENGTH);

  release_found(release, WIRE_BANK_HIGH, SY_CHECK_BANK, SY_SEVERITY_ERROR,
                "its reset vector leads to 0x02080, which is in LOW");
}

static void one_vector_into_the_other_bank_is_noticed(void **state)
{
  (void)state;
  g_autofree guint8 *program =
      release_build_program(WIRE_BANK_HIGH, RELEASE_VERSION, RELEASE_LENGTH);

  wire_put_u32(program + 0x28, release_addr_of(WIRE_BANK_LOW) + 0x100);
  release_seal(program, RELEASE_LENGTH);

  g_autoptr(SyRelease) release = release_of(WIRE_BANK_HIGH, program, RELEASE_LENGTH);

  release_found(release, WIRE_BANK_HIGH, SY_CHECK_BANK, SY_SEVERITY_ERROR,
                "its SWI vector leads to 0x02100");
  release_others_are_content(release, WIRE_BANK_HIGH, SY_CHECK_BANK);
}

static void a_vector_into_the_loader_or_ram_is_nobodys_business(void **state)
{
  (void)state;
  g_autofree guint8 *program =
      release_build_program(WIRE_BANK_HIGH, RELEASE_VERSION, RELEASE_LENGTH);

  wire_put_u32(program + 0x28, WIRE_LOADER_ADDR);
  wire_put_u32(program + 0x2c, 0x40000100);
  release_seal(program, RELEASE_LENGTH);

  g_autoptr(SyRelease) release = release_of(WIRE_BANK_HIGH, program, RELEASE_LENGTH);

  release_others_are_content(release, WIRE_BANK_HIGH, SY_CHECK_COUNT);
}

/* Writes over the header without sealing it and expects one text of the header check. */
static void header_error(guint offset, guint32 value, const char *holds)
{
  g_autofree guint8 *program =
      release_build_program(WIRE_BANK_LOW, RELEASE_VERSION, RELEASE_LENGTH);

  wire_put_u32(program + WIRE_IMAGE_HEADER_OFFSET + offset, value);

  g_autoptr(SyRelease) release = release_of(WIRE_BANK_LOW, program, RELEASE_LENGTH);

  release_found(release, WIRE_BANK_LOW, SY_CHECK_HEADER, SY_SEVERITY_ERROR, holds);
  release_found(release, WIRE_BANK_LOW, SY_CHECK_BANK, SY_SEVERITY_OK, "");
  assert_false(sy_release_get_program(release, WIRE_BANK_LOW)->usable);
}

static void each_way_a_header_can_be_wrong_has_its_words(void **state)
{
  (void)state;
  header_error(0x00, 0x12345678, "no program header");
  header_error(0x04, 0x00400002, "format that this version");
  header_error(0x10, 0x0000007f, "says 127 bytes from 0x02000");
  header_error(0x10, 0x0000e001, "says 57345 bytes");
  header_error(0x14, 0x00002004, "from 0x02004, which is no program");
}

static void the_product_is_named_and_none_is_an_error(void **state)
{
  (void)state;
  g_autofree guint8 *program =
      release_build_program(WIRE_BANK_LOW, RELEASE_VERSION, RELEASE_LENGTH);
  g_autoptr(SyRelease) ours = release_of(WIRE_BANK_LOW, program, RELEASE_LENGTH);
  WireImageHeader header;

  release_found(ours, WIRE_BANK_LOW, SY_CHECK_PRODUCT, SY_SEVERITY_OK, "Made for product DSS1");
  assert_true(wire_image_header_read(program, &header));
  header.product = RELEASE_OTHER_PRODUCT;
  release_set_header(program, RELEASE_LENGTH, &header);

  g_autoptr(SyRelease) other = release_of(WIRE_BANK_LOW, program, RELEASE_LENGTH);

  release_others_are_content(other, WIRE_BANK_LOW, SY_CHECK_COUNT);
  release_pick_refuses(other, WIRE_PRODUCT_DEMO, WIRE_BANK_LOW, SY_RELEASE_ERROR_PRODUCT,
                       "for product DSS2; this substation is DSS1");
  header.product = 0;
  release_set_header(program, RELEASE_LENGTH, &header);

  g_autoptr(SyRelease) none = release_of(WIRE_BANK_LOW, program, RELEASE_LENGTH);

  release_found(none, WIRE_BANK_LOW, SY_CHECK_PRODUCT, SY_SEVERITY_ERROR, "names no product");
  release_others_are_content(none, WIRE_BANK_LOW, SY_CHECK_PRODUCT);
  release_pick_refuses(none, WIRE_PRODUCT_DEMO, WIRE_BANK_LOW, SY_RELEASE_ERROR_PRODUCT,
                       "0x00000000");
}

static void a_name_that_is_no_text_is_made_printable(void **state)
{
  (void)state;
  g_autofree guint8 *program =
      release_build_program(WIRE_BANK_LOW, RELEASE_VERSION, RELEASE_LENGTH);
  WireImageHeader header;

  assert_true(wire_image_header_read(program, &header));
  strcpy(header.name, "a\n\xff"
                      "b");
  release_set_header(program, RELEASE_LENGTH, &header);

  g_autoptr(SyRelease) release = release_of(WIRE_BANK_LOW, program, RELEASE_LENGTH);

  assert_string_equal(sy_release_get_program(release, WIRE_BANK_LOW)->header.name, "a??b");
  release_found(release, WIRE_BANK_LOW, SY_CHECK_HEADER, SY_SEVERITY_OK, "“a??b”, version 1.2.3");
}

static void a_gap_within_the_program_is_an_error_at_its_address(void **state)
{
  (void)state;
  g_autofree guint8 *program =
      release_build_program(WIRE_BANK_LOW, RELEASE_VERSION, RELEASE_LENGTH);
  SyImageBuilder *builder = sy_image_builder_new();

  /* 0xFF where the gap will be, so that nothing but the gap is wrong. */
  memset(program + 0x400, 0xff, 0x10);
  release_seal(program, RELEASE_LENGTH);
  release_add(builder, release_addr_of(WIRE_BANK_LOW), program, 0x400);
  release_add(builder, release_addr_of(WIRE_BANK_LOW) + 0x410, program + 0x410,
              RELEASE_LENGTH - 0x410);

  g_autoptr(SyImage) image = sy_image_builder_end(builder);
  g_autoptr(SyRelease) release = sy_release_new(image, NULL);

  release_found(release, WIRE_BANK_LOW, SY_CHECK_LENGTH, SY_SEVERITY_ERROR,
                "4660 bytes, but the file holds only 4644 of them; the first gap is at 0x02400");
  assert_int_equal(release_finding_of(release, WIRE_BANK_LOW, SY_CHECK_LENGTH)->addr, 0x2400);
  release_others_are_content(release, WIRE_BANK_LOW, SY_CHECK_LENGTH);
  release_pick_refuses(release, WIRE_PRODUCT_DEMO, WIRE_BANK_LOW, SY_RELEASE_ERROR_DAMAGED,
                       "first gap");
}

static void a_program_without_its_last_byte_is_an_error(void **state)
{
  (void)state;
  g_autofree guint8 *program =
      release_build_program(WIRE_BANK_HIGH, RELEASE_VERSION, RELEASE_LENGTH);
  g_autoptr(SyRelease) release = release_of(WIRE_BANK_HIGH, program, RELEASE_LENGTH - 1);

  release_found(release, WIRE_BANK_HIGH, SY_CHECK_LENGTH, SY_SEVERITY_ERROR,
                "first gap is at 0x11233");
}

static void bytes_behind_the_program_are_a_warning(void **state)
{
  (void)state;
  g_autofree guint8 *program =
      release_build_program(WIRE_BANK_LOW, RELEASE_VERSION, RELEASE_LENGTH);
  SyImageBuilder *builder = sy_image_builder_new();

  release_add(builder, release_addr_of(WIRE_BANK_LOW), program, RELEASE_LENGTH);
  release_add(builder, 0xffff, (const guint8 *)"x", 1);

  g_autoptr(SyImage) image = sy_image_builder_end(builder);
  g_autoptr(SyRelease) release = sy_release_new(image, NULL);

  release_found(release, WIRE_BANK_LOW, SY_CHECK_LENGTH, SY_SEVERITY_WARNING,
                "more in LOW, from 0x0FFFF on");
  release_others_are_content(release, WIRE_BANK_LOW, SY_CHECK_LENGTH);
  assert_int_equal(sy_release_get_program(release, WIRE_BANK_LOW)->length, RELEASE_LENGTH);
  assert_non_null(sy_release_pick(release, WIRE_PRODUCT_DEMO, WIRE_BANK_LOW, NULL));
}

static void a_program_for_low_only_is_a_warning(void **state)
{
  (void)state;
  static const guint32 lengths[] = {WIRE_RELEASE_SIZE_MAX + 1, 0xe000};

  for (guint i = 0; i < G_N_ELEMENTS(lengths); i++) {
    g_autofree guint8 *program = release_build_program(WIRE_BANK_LOW, RELEASE_VERSION, lengths[i]);
    g_autoptr(SyRelease) release = release_of(WIRE_BANK_LOW, program, lengths[i]);

    release_found(release, WIRE_BANK_LOW, SY_CHECK_LENGTH, SY_SEVERITY_WARNING, "fits LOW only");
    release_others_are_content(release, WIRE_BANK_LOW, SY_CHECK_LENGTH);
  }
}

static void a_long_low_program_placed_in_high_never_reaches_behind_the_bank(void **state)
{
  (void)state;
  g_autofree guint8 *program = release_build_program(WIRE_BANK_LOW, RELEASE_VERSION, 0xe000);
  g_autoptr(SyRelease) release = release_of(WIRE_BANK_HIGH, program, 0xe000);
  const SyProgram *high = sy_release_get_program(release, WIRE_BANK_HIGH);

  assert_int_equal(high->length, 0xc000);
  release_found(release, WIRE_BANK_HIGH, SY_CHECK_LENGTH, SY_SEVERITY_ERROR, "room for 49152 only");
  release_found(release, WIRE_BANK_HIGH, SY_CHECK_CRC, SY_SEVERITY_ERROR, "cannot be checked");
  release_file_finding(release, 0, SY_CHECK_BANK, SY_SEVERITY_WARNING, "sector 14");
}

static void any_changed_byte_breaks_the_crc(void **state)
{
  (void)state;
  static const guint32 places[] = {0x3c, 0x58, 0x80, 0x1ff, 0x200, RELEASE_LENGTH - 1};

  for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
    g_autofree guint8 *program =
        release_build_program(WIRE_BANK_HIGH, RELEASE_VERSION, RELEASE_LENGTH);

    program[places[i]] ^= 1;

    g_autoptr(SyRelease) release = release_of(WIRE_BANK_HIGH, program, RELEASE_LENGTH);

    release_found(release, WIRE_BANK_HIGH, SY_CHECK_CRC, SY_SEVERITY_ERROR, "The header says CRC");
    release_others_are_content(release, WIRE_BANK_HIGH, SY_CHECK_CRC);
    release_pick_refuses(release, WIRE_PRODUCT_DEMO, WIRE_BANK_HIGH, SY_RELEASE_ERROR_DAMAGED,
                         "CRC");
  }
}

/* Puts a word into the program, seals all but the vector sum when told so, and expects one text of
 * the vector check. */
static void vector_finding(guint32 offset, guint32 word, SySeverity severity, const char *holds)
{
  g_autofree guint8 *program =
      release_build_program(WIRE_BANK_HIGH, RELEASE_VERSION, RELEASE_LENGTH);

  wire_put_u32(program + offset, word);
  if (offset != WIRE_VECTOR_SUM_ADDR)
    release_seal(program, RELEASE_LENGTH);

  g_autoptr(SyRelease) release = release_of(WIRE_BANK_HIGH, program, RELEASE_LENGTH);

  release_found(release, WIRE_BANK_HIGH, SY_CHECK_VECTORS, severity, holds);
  release_found(release, WIRE_BANK_HIGH, SY_CHECK_BANK, SY_SEVERITY_OK, "");
}

static void a_wrong_vector_sum_is_an_error_that_says_why(void **state)
{
  (void)state;
  vector_finding(WIRE_VECTOR_SUM_ADDR, 0, SY_SEVERITY_ERROR,
                 "The vector sum at 0x10014 is 00000000, but");
  vector_finding(WIRE_VECTOR_SUM_ADDR, 0, SY_SEVERITY_ERROR,
                 "The loader would refuse the program at the end of an upgrade");
}

static void a_reset_vector_must_lead_into_the_code(void **state)
{
  (void)state;
  vector_finding(0x20, 0x10000 + RELEASE_LENGTH - 4, SY_SEVERITY_OK, "reset leads to 0x11230");
  vector_finding(0x20, 0x11238, SY_SEVERITY_ERROR, "leads to 0x11238, outside");
  vector_finding(0x20, 0x00000400, SY_SEVERITY_ERROR, "leads to 0x00400, outside");
  vector_finding(0x20, 0x10000, SY_SEVERITY_ERROR, "into the vectors or the header");
  vector_finding(0x20, 0x10040, SY_SEVERITY_ERROR, "into the vectors or the header");
  vector_finding(0x20, 0x10082, SY_SEVERITY_ERROR, "no ARM instruction");
  vector_finding(0x00, 0xe1a00000, SY_SEVERITY_ERROR, "neither a branch nor a load");
  vector_finding(0x00, 0xe51ffff0, SY_SEVERITY_ERROR, "neither a branch nor a load");
}

static void a_reset_branch_is_followed(void **state)
{
  (void)state;
  vector_finding(0x00, 0xea00001e, SY_SEVERITY_OK, "reset leads to 0x10080");
  vector_finding(0x00, 0xeafffffe, SY_SEVERITY_ERROR, "leads to 0x10000, into the vectors");
  vector_finding(0x00, 0xeafffff0, SY_SEVERITY_ERROR, "leads to 0x0FFC8, outside");
  vector_finding(0x00, 0xea00048b, SY_SEVERITY_ERROR, "leads to 0x11234, outside");
}

static void a_branch_in_another_vector_is_a_warning_unless_it_stays(void **state)
{
  (void)state;
  vector_finding(0x08, 0xea00001e, SY_SEVERITY_WARNING, "SWI vector at 0x10008 is a relative");
  vector_finding(0x08, 0xeafffffe, SY_SEVERITY_OK, "");
}

static void vectors_decode_to_kind_and_target(void **state)
{
  (void)state;
  g_autofree guint8 *program =
      release_build_program(WIRE_BANK_LOW, RELEASE_VERSION, RELEASE_LENGTH);

  wire_put_u32(program + 4, 0xe51ff004);  /* LDR pc,[pc,#-4]: the word behind itself */
  wire_put_u32(program + 12, 0xe59ffff8); /* a literal far behind the image's first words */

  g_autoptr(SyImage) image = release_image_of(WIRE_BANK_LOW, program, 0x100);
  SyVector reset = sy_vector_decode(image, 0x2000, 0);
  SyVector undefined = sy_vector_decode(image, 0x2000, 1);

  assert_int_equal(reset.kind, SY_VECTOR_LITERAL);
  assert_int_equal(reset.target, 0x2080);
  assert_int_equal(undefined.kind, SY_VECTOR_LITERAL);
  assert_int_equal(undefined.target, 0xe59ff018);
  assert_int_equal(sy_vector_decode(image, 0x2000, 3).kind, SY_VECTOR_MISSING);
  assert_int_equal(sy_vector_decode(image, 0x2000, 5).kind, SY_VECTOR_OTHER);
  assert_int_equal(sy_vector_decode(image, 0x2000, 6).kind, SY_VECTOR_VIC);
  assert_int_equal(sy_vector_decode(image, 0x3000, 0).kind, SY_VECTOR_MISSING);
  assert_string_equal(sy_vector_get_name(7), "FIQ");
}

static void every_protection_word_is_an_error(void **state)
{
  (void)state;
  static const guint32 words[] = {0x12345678, 0x87654321, 0x43218765};

  for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
    g_autoptr(SyRelease) release = release_with_sector_zero(words[i]);

    release_found(release, WIRE_BANK_LOW, SY_CHECK_CRP, SY_SEVERITY_ERROR,
                  "lock the chip for good");
    release_others_are_content(release, WIRE_BANK_LOW, SY_CHECK_CRP);
    assert_int_equal(release_finding_of(release, WIRE_BANK_LOW, SY_CHECK_CRP)->addr, WIRE_CRP_ADDR);
    release_pick_refuses(release, WIRE_PRODUCT_DEMO, WIRE_BANK_LOW, SY_RELEASE_ERROR_DAMAGED,
                         "CRP");
  }
}

static void another_word_there_or_none_does_not_lock(void **state)
{
  (void)state;
  g_autoptr(SyRelease) blank = release_with_sector_zero(0xffffffff);
  g_autoptr(SyImage) image = release_build_both(RELEASE_VERSION, RELEASE_LENGTH);
  g_autoptr(SyRelease) plain = sy_release_new(image, NULL);

  release_found(blank, WIRE_BANK_LOW, SY_CHECK_CRP, SY_SEVERITY_OK, "FFFFFFFF and does not lock");
  release_found(plain, WIRE_BANK_HIGH, SY_CHECK_CRP, SY_SEVERITY_OK, "leaves 0x1FC alone");
}

static void a_protection_pattern_within_a_bank_does_not_act(void **state)
{
  (void)state;
  g_autofree guint8 *program =
      release_build_program(WIRE_BANK_LOW, RELEASE_VERSION, RELEASE_LENGTH);

  wire_put_u32(program + WIRE_CRP_ADDR, 0x12345678);
  release_seal(program, RELEASE_LENGTH);

  g_autoptr(SyRelease) release = release_of(WIRE_BANK_LOW, program, RELEASE_LENGTH);

  release_others_are_content(release, WIRE_BANK_LOW, SY_CHECK_COUNT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_program_placed_in_the_other_bank_is_an_error_in_clear_words),
      cmocka_unit_test(a_header_alone_does_not_make_a_program_fit_the_bank),
      cmocka_unit_test(one_vector_into_the_other_bank_is_noticed),
      cmocka_unit_test(a_vector_into_the_loader_or_ram_is_nobodys_business),
      cmocka_unit_test(each_way_a_header_can_be_wrong_has_its_words),
      cmocka_unit_test(the_product_is_named_and_none_is_an_error),
      cmocka_unit_test(a_name_that_is_no_text_is_made_printable),
      cmocka_unit_test(a_gap_within_the_program_is_an_error_at_its_address),
      cmocka_unit_test(a_program_without_its_last_byte_is_an_error),
      cmocka_unit_test(bytes_behind_the_program_are_a_warning),
      cmocka_unit_test(a_program_for_low_only_is_a_warning),
      cmocka_unit_test(a_long_low_program_placed_in_high_never_reaches_behind_the_bank),
      cmocka_unit_test(any_changed_byte_breaks_the_crc),
      cmocka_unit_test(a_wrong_vector_sum_is_an_error_that_says_why),
      cmocka_unit_test(a_reset_vector_must_lead_into_the_code),
      cmocka_unit_test(a_reset_branch_is_followed),
      cmocka_unit_test(a_branch_in_another_vector_is_a_warning_unless_it_stays),
      cmocka_unit_test(vectors_decode_to_kind_and_target),
      cmocka_unit_test(every_protection_word_is_an_error),
      cmocka_unit_test(another_word_there_or_none_does_not_lock),
      cmocka_unit_test(a_protection_pattern_within_a_bank_does_not_act),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
