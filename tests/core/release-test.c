/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Releases: a right one passes, and each check notices the one thing that is spoilt.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "release-builder.h"
#include "sy-hex.h"
#include "sy-release.h"
#include "sy-vector.h"
#include "wire-bytes.h"

enum {
  LENGTH = 0x1234,
  VERSION = WIRE_VERSION(1, 2, 3),
  OTHER_PRODUCT = 0x32535344, /* "DSS2" */
};

static const WireBank banks[] = {WIRE_BANK_LOW, WIRE_BANK_HIGH};

static guint32 addr_of(WireBank bank)
{
  return wire_bank_map(bank)->addr;
}

static SyRelease *release_of(WireBank bank, const guint8 *program, guint32 length)
{
  g_autoptr(SyImage) image = release_image_of(bank, program, length);

  return sy_release_new(image, "test.hex");
}

static const SyFinding *finding_of(SyRelease *release, WireBank bank, SyCheck check)
{
  const SyProgram *program = sy_release_get_program(release, bank);

  assert_non_null(program);
  return &program->findings[check];
}

/* The check's finding has this severity and its text holds `holds`. */
static void found(SyRelease *release, WireBank bank, SyCheck check, SySeverity severity,
                  const char *holds)
{
  const SyFinding *finding = finding_of(release, bank, check);

  if (finding->severity != severity || !strstr(finding->text, holds))
    fail_msg("check %d, severity %d: %s\nwanted severity %d: %s", check, finding->severity,
             finding->text, severity, holds);
}

/* All checks but this one are content. */
static void others_are_content(SyRelease *release, WireBank bank, SyCheck but)
{
  for (guint i = 0; i < SY_CHECK_COUNT; i++)
    if (i != but)
      found(release, bank, i, SY_SEVERITY_OK, "");
}

static void file_finding(SyRelease *release, guint index, SyCheck check, SySeverity severity,
                         const char *holds)
{
  assert_true(index < sy_release_get_n_findings(release));

  const SyFinding *finding = sy_release_get_finding(release, index);

  if (finding->check != check || finding->severity != severity || !strstr(finding->text, holds))
    fail_msg("check %d, severity %d: %s\nwanted check %d, severity %d: %s", finding->check,
             finding->severity, finding->text, check, severity, holds);
}

static void pick_refuses(SyRelease *release, guint32 product, WireBank idle, SyReleaseError code,
                         const char *holds)
{
  g_autoptr(GError) error = NULL;

  assert_null(sy_release_pick(release, product, idle, &error));
  assert_int_equal(error->domain, SY_RELEASE_ERROR);
  if (error->code != (int)code || !strstr(error->message, holds))
    fail_msg("code %d: %s\nwanted code %d: %s", error->code, error->message, code, holds);
}

static void a_right_release_passes_every_check_and_is_picked_for_either_bank(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = release_build_both(VERSION, LENGTH);
  g_autoptr(SyRelease) release = sy_release_new(image, "meter-1.2.3.hex");

  assert_ptr_equal(sy_release_get_image(release), image);
  assert_string_equal(sy_release_get_name(release), "meter-1.2.3.hex");
  assert_int_equal(sy_release_get_version(release), VERSION);
  assert_int_equal(sy_release_get_n_findings(release), 0);
  assert_false(sy_release_is_factory(release));
  for (guint i = 0; i < G_N_ELEMENTS(banks); i++) {
    g_autoptr(GError) error = NULL;
    const SyProgram *program = sy_release_pick(release, WIRE_PRODUCT_DEMO, banks[i], &error);

    assert_non_null(program);
    assert_null(error);
    assert_true(program->usable);
    assert_int_equal(program->bank, banks[i]);
    assert_int_equal(program->addr, addr_of(banks[i]));
    assert_int_equal(program->length, LENGTH);
    assert_int_equal(program->header.product, WIRE_PRODUCT_DEMO);
    assert_string_equal(program->header.name, "demo program");
    others_are_content(release, banks[i], SY_CHECK_COUNT);
    assert_memory_equal(g_bytes_get_data(program->bytes, NULL),
                        sy_image_peek(image, program->addr, LENGTH), LENGTH);
    for (guint j = 0; j < SY_CHECK_COUNT; j++)
      assert_int_equal(program->findings[j].check, j);
  }
}

static void sizes_at_the_borders_pass(void **state)
{
  (void)state;
  static const guint32 lengths[] = {0x100, 0x101, 0x1ff, 0x200, 0x201, WIRE_RELEASE_SIZE_MAX};

  for (guint i = 0; i < G_N_ELEMENTS(lengths); i++) {
    g_autoptr(SyImage) image = release_build_both(VERSION, lengths[i]);
    g_autoptr(SyRelease) release = sy_release_new(image, NULL);

    others_are_content(release, WIRE_BANK_LOW, SY_CHECK_COUNT);
    others_are_content(release, WIRE_BANK_HIGH, SY_CHECK_COUNT);
    assert_null(sy_release_get_name(release));
  }
}

static void a_program_placed_in_the_other_bank_is_an_error_in_clear_words(void **state)
{
  (void)state;
  g_autofree guint8 *low = release_build_program(WIRE_BANK_LOW, VERSION, LENGTH);
  g_autoptr(SyRelease) release = release_of(WIRE_BANK_HIGH, low, LENGTH);

  found(release, WIRE_BANK_HIGH, SY_CHECK_BANK, SY_SEVERITY_ERROR,
        "lies in HIGH (from 0x10000), but its header says it is linked for LOW (0x02000)");
  found(release, WIRE_BANK_HIGH, SY_CHECK_VECTORS, SY_SEVERITY_ERROR, "outside the program");
  pick_refuses(release, WIRE_PRODUCT_DEMO, WIRE_BANK_HIGH, SY_RELEASE_ERROR_BANK, "linked for LOW");
}

static void a_header_alone_does_not_make_a_program_fit_the_bank(void **state)
{
  (void)state;
  g_autofree guint8 *program = release_build_program(WIRE_BANK_LOW, VERSION, LENGTH);
  WireImageHeader header;

  assert_true(wire_image_header_read(program, &header));
  header.bank_addr = addr_of(WIRE_BANK_HIGH);
  release_set_header(program, LENGTH, &header);

  g_autoptr(SyRelease) release = release_of(WIRE_BANK_HIGH, program, LENGTH);

  found(release, WIRE_BANK_HIGH, SY_CHECK_BANK, SY_SEVERITY_ERROR,
        "its reset vector leads to 0x02080, which is in LOW");
}

static void one_vector_into_the_other_bank_is_noticed(void **state)
{
  (void)state;
  g_autofree guint8 *program = release_build_program(WIRE_BANK_HIGH, VERSION, LENGTH);

  wire_put_u32(program + 0x28, addr_of(WIRE_BANK_LOW) + 0x100);
  release_seal(program, LENGTH);

  g_autoptr(SyRelease) release = release_of(WIRE_BANK_HIGH, program, LENGTH);

  found(release, WIRE_BANK_HIGH, SY_CHECK_BANK, SY_SEVERITY_ERROR,
        "its SWI vector leads to 0x02100");
  others_are_content(release, WIRE_BANK_HIGH, SY_CHECK_BANK);
}

static void a_vector_into_the_loader_or_ram_is_nobodys_business(void **state)
{
  (void)state;
  g_autofree guint8 *program = release_build_program(WIRE_BANK_HIGH, VERSION, LENGTH);

  wire_put_u32(program + 0x28, WIRE_LOADER_ADDR);
  wire_put_u32(program + 0x2c, 0x40000100);
  release_seal(program, LENGTH);

  g_autoptr(SyRelease) release = release_of(WIRE_BANK_HIGH, program, LENGTH);

  others_are_content(release, WIRE_BANK_HIGH, SY_CHECK_COUNT);
}

static void bytes_without_header_and_vectors_are_called_that(void **state)
{
  (void)state;
  guint8 bytes[0x200];

  memset(bytes, 0xff, sizeof bytes);

  g_autoptr(SyRelease) release = release_of(WIRE_BANK_LOW, bytes, sizeof bytes);
  const SyProgram *program = sy_release_get_program(release, WIRE_BANK_LOW);

  assert_false(program->usable);
  assert_int_equal(program->length, sizeof bytes);
  assert_int_equal(program->header.length, 0);
  found(release, WIRE_BANK_LOW, SY_CHECK_BANK, SY_SEVERITY_WARNING, "neither a header nor");
  found(release, WIRE_BANK_LOW, SY_CHECK_HEADER, SY_SEVERITY_ERROR, "no program header at 0x02040");
  found(release, WIRE_BANK_LOW, SY_CHECK_PRODUCT, SY_SEVERITY_ERROR, "Without a header");
  found(release, WIRE_BANK_LOW, SY_CHECK_LENGTH, SY_SEVERITY_ERROR, "Without a header");
  found(release, WIRE_BANK_LOW, SY_CHECK_CRC, SY_SEVERITY_ERROR, "without a header");
  found(release, WIRE_BANK_LOW, SY_CHECK_VECTORS, SY_SEVERITY_ERROR, "wants the eight vectors");
  found(release, WIRE_BANK_LOW, SY_CHECK_CRP, SY_SEVERITY_OK, "");
  pick_refuses(release, WIRE_PRODUCT_DEMO, WIRE_BANK_LOW, SY_RELEASE_ERROR_DAMAGED,
               "LOW half cannot be used. There is no program header");
  assert_int_equal(sy_release_get_version(release), 0);
}

static void a_bank_with_one_byte_is_told_apart_from_none(void **state)
{
  (void)state;
  SyImageBuilder *builder = sy_image_builder_new();

  release_add(builder, addr_of(WIRE_BANK_HIGH) + 0x300, (const guint8 *)"x", 1);

  g_autoptr(SyImage) image = sy_image_builder_end(builder);
  g_autoptr(SyRelease) release = sy_release_new(image, NULL);

  assert_null(sy_release_get_program(release, WIRE_BANK_LOW));
  assert_int_equal(sy_release_get_program(release, WIRE_BANK_HIGH)->length, 0x301);
  found(release, WIRE_BANK_HIGH, SY_CHECK_HEADER, SY_SEVERITY_ERROR,
        "does not fill 0x10000 to 0x1007F");
  found(release, WIRE_BANK_HIGH, SY_CHECK_VECTORS, SY_SEVERITY_ERROR, "does not hold the eight");
}

/* Writes over the header without sealing it and expects one text of the header check. */
static void header_error(guint offset, guint32 value, const char *holds)
{
  g_autofree guint8 *program = release_build_program(WIRE_BANK_LOW, VERSION, LENGTH);

  wire_put_u32(program + WIRE_IMAGE_HEADER_OFFSET + offset, value);

  g_autoptr(SyRelease) release = release_of(WIRE_BANK_LOW, program, LENGTH);

  found(release, WIRE_BANK_LOW, SY_CHECK_HEADER, SY_SEVERITY_ERROR, holds);
  found(release, WIRE_BANK_LOW, SY_CHECK_BANK, SY_SEVERITY_OK, "");
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
  g_autofree guint8 *program = release_build_program(WIRE_BANK_LOW, VERSION, LENGTH);
  g_autoptr(SyRelease) ours = release_of(WIRE_BANK_LOW, program, LENGTH);
  WireImageHeader header;

  found(ours, WIRE_BANK_LOW, SY_CHECK_PRODUCT, SY_SEVERITY_OK, "Made for product “DSS1”");
  assert_true(wire_image_header_read(program, &header));
  header.product = OTHER_PRODUCT;
  release_set_header(program, LENGTH, &header);

  g_autoptr(SyRelease) other = release_of(WIRE_BANK_LOW, program, LENGTH);

  others_are_content(other, WIRE_BANK_LOW, SY_CHECK_COUNT);
  pick_refuses(other, WIRE_PRODUCT_DEMO, WIRE_BANK_LOW, SY_RELEASE_ERROR_PRODUCT,
               "for product “DSS2”; this substation is “DSS1”");
  header.product = 0;
  release_set_header(program, LENGTH, &header);

  g_autoptr(SyRelease) none = release_of(WIRE_BANK_LOW, program, LENGTH);

  found(none, WIRE_BANK_LOW, SY_CHECK_PRODUCT, SY_SEVERITY_ERROR, "names no product");
  others_are_content(none, WIRE_BANK_LOW, SY_CHECK_PRODUCT);
  pick_refuses(none, WIRE_PRODUCT_DEMO, WIRE_BANK_LOW, SY_RELEASE_ERROR_PRODUCT, "0x00000000");
}

static void a_name_that_is_no_text_is_made_printable(void **state)
{
  (void)state;
  g_autofree guint8 *program = release_build_program(WIRE_BANK_LOW, VERSION, LENGTH);
  WireImageHeader header;

  assert_true(wire_image_header_read(program, &header));
  strcpy(header.name, "a\n\xff"
                      "b");
  release_set_header(program, LENGTH, &header);

  g_autoptr(SyRelease) release = release_of(WIRE_BANK_LOW, program, LENGTH);

  assert_string_equal(sy_release_get_program(release, WIRE_BANK_LOW)->header.name, "a??b");
  found(release, WIRE_BANK_LOW, SY_CHECK_HEADER, SY_SEVERITY_OK, "“a??b”, version 1.2.3");
}

static void a_gap_within_the_program_is_an_error_at_its_address(void **state)
{
  (void)state;
  g_autofree guint8 *program = release_build_program(WIRE_BANK_LOW, VERSION, LENGTH);
  SyImageBuilder *builder = sy_image_builder_new();

  /* 0xFF where the gap will be, so that nothing but the gap is wrong. */
  memset(program + 0x400, 0xff, 0x10);
  release_seal(program, LENGTH);
  release_add(builder, addr_of(WIRE_BANK_LOW), program, 0x400);
  release_add(builder, addr_of(WIRE_BANK_LOW) + 0x410, program + 0x410, LENGTH - 0x410);

  g_autoptr(SyImage) image = sy_image_builder_end(builder);
  g_autoptr(SyRelease) release = sy_release_new(image, NULL);

  found(release, WIRE_BANK_LOW, SY_CHECK_LENGTH, SY_SEVERITY_ERROR,
        "4660 bytes, but the file holds only 4644 of them; the first gap is at 0x02400");
  assert_int_equal(finding_of(release, WIRE_BANK_LOW, SY_CHECK_LENGTH)->addr, 0x2400);
  others_are_content(release, WIRE_BANK_LOW, SY_CHECK_LENGTH);
  pick_refuses(release, WIRE_PRODUCT_DEMO, WIRE_BANK_LOW, SY_RELEASE_ERROR_DAMAGED, "first gap");
}

static void a_program_without_its_last_byte_is_an_error(void **state)
{
  (void)state;
  g_autofree guint8 *program = release_build_program(WIRE_BANK_HIGH, VERSION, LENGTH);
  g_autoptr(SyRelease) release = release_of(WIRE_BANK_HIGH, program, LENGTH - 1);

  found(release, WIRE_BANK_HIGH, SY_CHECK_LENGTH, SY_SEVERITY_ERROR, "first gap is at 0x11233");
}

static void bytes_behind_the_program_are_a_warning(void **state)
{
  (void)state;
  g_autofree guint8 *program = release_build_program(WIRE_BANK_LOW, VERSION, LENGTH);
  SyImageBuilder *builder = sy_image_builder_new();

  release_add(builder, addr_of(WIRE_BANK_LOW), program, LENGTH);
  release_add(builder, 0xffff, (const guint8 *)"x", 1);

  g_autoptr(SyImage) image = sy_image_builder_end(builder);
  g_autoptr(SyRelease) release = sy_release_new(image, NULL);

  found(release, WIRE_BANK_LOW, SY_CHECK_LENGTH, SY_SEVERITY_WARNING,
        "more in LOW, from 0x0FFFF on");
  others_are_content(release, WIRE_BANK_LOW, SY_CHECK_LENGTH);
  assert_int_equal(sy_release_get_program(release, WIRE_BANK_LOW)->length, LENGTH);
  assert_non_null(sy_release_pick(release, WIRE_PRODUCT_DEMO, WIRE_BANK_LOW, NULL));
}

static void a_program_for_low_only_is_a_warning(void **state)
{
  (void)state;
  static const guint32 lengths[] = {WIRE_RELEASE_SIZE_MAX + 1, 0xe000};

  for (guint i = 0; i < G_N_ELEMENTS(lengths); i++) {
    g_autofree guint8 *program = release_build_program(WIRE_BANK_LOW, VERSION, lengths[i]);
    g_autoptr(SyRelease) release = release_of(WIRE_BANK_LOW, program, lengths[i]);

    found(release, WIRE_BANK_LOW, SY_CHECK_LENGTH, SY_SEVERITY_WARNING, "fits LOW only");
    others_are_content(release, WIRE_BANK_LOW, SY_CHECK_LENGTH);
  }
}

static void a_long_low_program_placed_in_high_never_reaches_behind_the_bank(void **state)
{
  (void)state;
  g_autofree guint8 *program = release_build_program(WIRE_BANK_LOW, VERSION, 0xe000);
  g_autoptr(SyRelease) release = release_of(WIRE_BANK_HIGH, program, 0xe000);
  const SyProgram *high = sy_release_get_program(release, WIRE_BANK_HIGH);

  assert_int_equal(high->length, 0xc000);
  found(release, WIRE_BANK_HIGH, SY_CHECK_LENGTH, SY_SEVERITY_ERROR, "room for 49152 only");
  found(release, WIRE_BANK_HIGH, SY_CHECK_CRC, SY_SEVERITY_ERROR, "cannot be checked");
  file_finding(release, 0, SY_CHECK_BANK, SY_SEVERITY_WARNING, "sector 14");
}

static void any_changed_byte_breaks_the_crc(void **state)
{
  (void)state;
  static const guint32 places[] = {0x3c, 0x58, 0x80, 0x1ff, 0x200, LENGTH - 1};

  for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
    g_autofree guint8 *program = release_build_program(WIRE_BANK_HIGH, VERSION, LENGTH);

    program[places[i]] ^= 1;

    g_autoptr(SyRelease) release = release_of(WIRE_BANK_HIGH, program, LENGTH);

    found(release, WIRE_BANK_HIGH, SY_CHECK_CRC, SY_SEVERITY_ERROR, "The header says CRC");
    others_are_content(release, WIRE_BANK_HIGH, SY_CHECK_CRC);
    pick_refuses(release, WIRE_PRODUCT_DEMO, WIRE_BANK_HIGH, SY_RELEASE_ERROR_DAMAGED, "CRC");
  }
}

/* Puts a word into the program, seals all but the vector sum when told so, and expects one text of
 * the vector check. */
static void vector_finding(guint32 offset, guint32 word, SySeverity severity, const char *holds)
{
  g_autofree guint8 *program = release_build_program(WIRE_BANK_HIGH, VERSION, LENGTH);

  wire_put_u32(program + offset, word);
  if (offset != WIRE_VECTOR_SUM_ADDR)
    release_seal(program, LENGTH);

  g_autoptr(SyRelease) release = release_of(WIRE_BANK_HIGH, program, LENGTH);

  found(release, WIRE_BANK_HIGH, SY_CHECK_VECTORS, severity, holds);
  found(release, WIRE_BANK_HIGH, SY_CHECK_BANK, SY_SEVERITY_OK, "");
}

static void a_wrong_vector_sum_is_an_error_that_says_why(void **state)
{
  (void)state;
  vector_finding(WIRE_VECTOR_SUM_ADDR, 0, SY_SEVERITY_ERROR,
                 "The vector sum at 0x10014 is 00000000, but");
  vector_finding(WIRE_VECTOR_SUM_ADDR, 0, SY_SEVERITY_ERROR,
                 "boot ROM wants the eight vectors to sum to zero");
}

static void a_reset_vector_must_lead_into_the_code(void **state)
{
  (void)state;
  vector_finding(0x20, 0x10000 + LENGTH - 4, SY_SEVERITY_OK, "reset leads to 0x11230");
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
  g_autofree guint8 *program = release_build_program(WIRE_BANK_LOW, VERSION, LENGTH);

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

/* A release with sector 0 filled with 0x55, `word` at the protection word's place. */
static SyRelease *with_sector_zero(guint32 word)
{
  guint8 sector[WIRE_SECTOR_SIZE];
  g_autofree guint8 *program = release_build_program(WIRE_BANK_LOW, VERSION, LENGTH);
  SyImageBuilder *builder = sy_image_builder_new();

  memset(sector, 0x55, sizeof sector);
  wire_put_u32(sector + WIRE_CRP_ADDR, word);
  wire_put_u32(sector + WIRE_VECTOR_SUM_ADDR, wire_vector_sum(sector));
  release_add(builder, 0, sector, sizeof sector);
  release_add(builder, addr_of(WIRE_BANK_LOW), program, LENGTH);

  g_autoptr(SyImage) image = sy_image_builder_end(builder);

  return sy_release_new(image, NULL);
}

static void every_protection_word_is_an_error(void **state)
{
  (void)state;
  static const guint32 words[] = {0x12345678, 0x87654321, 0x43218765};

  for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
    g_autoptr(SyRelease) release = with_sector_zero(words[i]);

    found(release, WIRE_BANK_LOW, SY_CHECK_CRP, SY_SEVERITY_ERROR, "lock the chip for good");
    others_are_content(release, WIRE_BANK_LOW, SY_CHECK_CRP);
    assert_int_equal(finding_of(release, WIRE_BANK_LOW, SY_CHECK_CRP)->addr, WIRE_CRP_ADDR);
    pick_refuses(release, WIRE_PRODUCT_DEMO, WIRE_BANK_LOW, SY_RELEASE_ERROR_DAMAGED, "CRP");
  }
}

static void another_word_there_or_none_does_not_lock(void **state)
{
  (void)state;
  g_autoptr(SyRelease) blank = with_sector_zero(0xffffffff);
  g_autoptr(SyImage) image = release_build_both(VERSION, LENGTH);
  g_autoptr(SyRelease) plain = sy_release_new(image, NULL);

  found(blank, WIRE_BANK_LOW, SY_CHECK_CRP, SY_SEVERITY_OK, "FFFFFFFF and does not lock");
  found(plain, WIRE_BANK_HIGH, SY_CHECK_CRP, SY_SEVERITY_OK, "leaves 0x1FC alone");
}

static void a_protection_pattern_within_a_bank_does_not_act(void **state)
{
  (void)state;
  g_autofree guint8 *program = release_build_program(WIRE_BANK_LOW, VERSION, LENGTH);

  wire_put_u32(program + WIRE_CRP_ADDR, 0x12345678);
  release_seal(program, LENGTH);

  g_autoptr(SyRelease) release = release_of(WIRE_BANK_LOW, program, LENGTH);

  others_are_content(release, WIRE_BANK_LOW, SY_CHECK_COUNT);
}

static void a_lock_is_named_even_without_a_program(void **state)
{
  (void)state;
  SyImageBuilder *builder = sy_image_builder_new();

  release_add(builder, WIRE_CRP_ADDR, (const guint8 *)"\x78\x56\x34\x12", 4);

  g_autoptr(SyImage) image = sy_image_builder_end(builder);
  g_autoptr(SyRelease) release = sy_release_new(image, NULL);

  file_finding(release, 0, SY_CHECK_BANK, SY_SEVERITY_ERROR, "holds no program");
  file_finding(release, 1, SY_CHECK_CRP, SY_SEVERITY_ERROR, "lock the chip for good");
}

static void a_factory_file_is_told_and_may_hold_the_bank_record(void **state)
{
  (void)state;
  guint8 block[WIRE_BLOCK_SIZE];
  g_autoptr(SyRelease) release = with_sector_zero(0xffffffff);
  SyImage *image = sy_release_get_image(release);
  SyImageBuilder *builder = sy_image_builder_new();
  WireRecord record = {WIRE_BANK_LOW, 1, WIRE_RECORD_CONFIRMED, VERSION, 0};

  assert_true(sy_release_is_factory(release));
  assert_int_equal(sy_release_get_n_findings(release), 1);
  file_finding(release, 0, SY_CHECK_BANK, SY_SEVERITY_OK, "factory file");
  wire_record_write(&record, block);
  release_add(builder, WIRE_RECORD_ADDR, block, sizeof block);
  release_add(builder, 0, sy_image_peek(image, 0, 0x3000), 0x3000);

  g_autoptr(SyImage) whole = sy_image_builder_end(builder);
  g_autoptr(SyRelease) factory = sy_release_new(whole, NULL);

  assert_int_equal(sy_release_get_n_findings(factory), 1);
}

static void a_factory_file_with_a_wrong_vector_sum_is_a_warning(void **state)
{
  (void)state;
  SyImageBuilder *builder = sy_image_builder_new();
  guint8 vectors[32] = {1};

  release_add(builder, 0, vectors, sizeof vectors);

  g_autoptr(SyImage) image = sy_image_builder_end(builder);
  g_autoptr(SyRelease) release = sy_release_new(image, NULL);

  file_finding(release, 2, SY_CHECK_VECTORS, SY_SEVERITY_WARNING, "stay in the chip's boot ROM");
}

static void bytes_where_no_program_belongs_are_warnings_with_their_place(void **state)
{
  (void)state;
  SyImageBuilder *builder = sy_image_builder_new();
  g_autofree guint8 *program = release_build_program(WIRE_BANK_HIGH, VERSION, LENGTH);

  release_add(builder, addr_of(WIRE_BANK_HIGH), program, LENGTH);
  release_add(builder, 0x1c000, (const guint8 *)"abc", 3);
  assert_true(sy_image_builder_add(builder, 0x1fffe, (const guint8 *)"abcd", 4, 12, NULL));
  assert_true(sy_image_builder_add(builder, 0x40000000, (const guint8 *)"abc", 3, 13, NULL));

  g_autoptr(SyImage) image = sy_image_builder_end(builder);
  g_autoptr(SyRelease) release = sy_release_new(image, NULL);

  assert_int_equal(sy_release_get_n_findings(release), 3);
  file_finding(release, 0, SY_CHECK_BANK, SY_SEVERITY_WARNING, "bytes for sector 14");
  file_finding(release, 1, SY_CHECK_BANK, SY_SEVERITY_WARNING,
               "5 bytes from 0x00020000 on lie outside");
  file_finding(release, 2, SY_CHECK_BANK, SY_SEVERITY_WARNING,
               "2 bytes from 0x1FFFE on lie in sector 15");
  assert_int_equal(sy_release_get_finding(release, 1)->line, 0);
  assert_int_equal(sy_release_get_finding(release, 2)->line, 12);
  assert_non_null(sy_release_pick(release, WIRE_PRODUCT_DEMO, WIRE_BANK_HIGH, NULL));
}

static void a_file_without_data_or_program_says_so(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = sy_image_builder_end(sy_image_builder_new());
  g_autoptr(SyRelease) release = sy_release_new(image, NULL);

  assert_int_equal(sy_release_get_n_findings(release), 1);
  file_finding(release, 0, SY_CHECK_BANK, SY_SEVERITY_ERROR, "no data at all");
  pick_refuses(release, WIRE_PRODUCT_DEMO, WIRE_BANK_LOW, SY_RELEASE_ERROR_BANK,
               "holds no program for a substation");
}

/* A release whose HIGH half has another product or version. */
static SyRelease *mixed(guint32 product, guint32 version)
{
  g_autofree guint8 *low = release_build_program(WIRE_BANK_LOW, VERSION, LENGTH);
  g_autofree guint8 *high = release_build_program(WIRE_BANK_HIGH, version, LENGTH);
  SyImageBuilder *builder = sy_image_builder_new();
  WireImageHeader header;

  assert_true(wire_image_header_read(high, &header));
  header.product = product;
  release_set_header(high, LENGTH, &header);
  release_add(builder, addr_of(WIRE_BANK_LOW), low, LENGTH);
  release_add(builder, addr_of(WIRE_BANK_HIGH), high, LENGTH);

  g_autoptr(SyImage) image = sy_image_builder_end(builder);

  return sy_release_new(image, NULL);
}

static void halves_of_two_products_cannot_be_used(void **state)
{
  (void)state;
  g_autoptr(SyRelease) release = mixed(OTHER_PRODUCT, VERSION);

  file_finding(release, 0, SY_CHECK_PRODUCT, SY_SEVERITY_ERROR, "LOW half is for product “DSS1”");
  pick_refuses(release, WIRE_PRODUCT_DEMO, WIRE_BANK_LOW, SY_RELEASE_ERROR_DAMAGED, "merged");
  pick_refuses(release, WIRE_PRODUCT_DEMO, WIRE_BANK_HIGH, SY_RELEASE_ERROR_PRODUCT, "DSS2");
}

static void halves_of_two_versions_are_a_warning_and_the_newer_counts(void **state)
{
  (void)state;
  g_autoptr(SyRelease) release = mixed(WIRE_PRODUCT_DEMO, WIRE_VERSION(1, 2, 4));

  assert_int_equal(sy_release_get_n_findings(release), 1);
  file_finding(release, 0, SY_CHECK_HEADER, SY_SEVERITY_WARNING,
               "version 1.2.3, the HIGH half 1.2.4");
  assert_int_equal(sy_release_get_version(release), WIRE_VERSION(1, 2, 4));
  assert_non_null(sy_release_pick(release, WIRE_PRODUCT_DEMO, WIRE_BANK_LOW, NULL));
}

static void the_wrong_half_is_refused_with_what_to_do(void **state)
{
  (void)state;
  g_autofree guint8 *program = release_build_program(WIRE_BANK_LOW, VERSION, LENGTH);
  g_autoptr(SyRelease) release = release_of(WIRE_BANK_LOW, program, LENGTH);

  pick_refuses(release, WIRE_PRODUCT_DEMO, WIRE_BANK_HIGH, SY_RELEASE_ERROR_BANK,
               "The file holds a program for LOW only; this substation runs LOW, so HIGH must be "
               "written. Open the release with both halves.");
  pick_refuses(release, WIRE_PRODUCT_DEMO, WIRE_BANK_NONE, SY_RELEASE_ERROR_BANK,
               "did not say which bank is idle");
}

static void versions_and_banks_have_their_words(void **state)
{
  (void)state;
  g_autofree char *version = sy_version_to_string(WIRE_VERSION(255, 0, 65535));

  assert_string_equal(version, "255.0.65535");
  assert_string_equal(sy_bank_to_string(WIRE_BANK_LOW), "LOW");
  assert_string_equal(sy_bank_to_string(WIRE_BANK_HIGH), "HIGH");
  assert_string_equal(sy_bank_to_string(WIRE_BANK_NONE), "none");
}

static SyRelease *load(const char *name, GError **error)
{
  const char *folder = g_getenv("SY_TEST_DATA");
  g_autofree char *path = g_build_filename(folder ? folder : "tests/data", name, NULL);
  g_autoptr(GFile) file = g_file_new_for_path(path);

  return sy_release_load(file, NULL, error);
}

static void the_files_in_the_data_folder_load(void **state)
{
  (void)state;
  static const char *const names[] = {"hex-release.hex", "hex-release-crlf-lower.hex",
                                      "hex-release-segmented.hex"};

  for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(SyRelease) release = load(names[i], &error);

    if (error)
      fail_msg("%s", error->message);
    assert_string_equal(sy_release_get_name(release), names[i]);
    assert_int_equal(sy_release_get_version(release), VERSION);
    others_are_content(release, WIRE_BANK_LOW, SY_CHECK_COUNT);
    others_are_content(release, WIRE_BANK_HIGH, SY_CHECK_COUNT);
  }
}

static void a_damaged_or_absent_file_gives_no_release(void **state)
{
  (void)state;
  g_autoptr(GError) clash = NULL;
  g_autoptr(GError) absent = NULL;

  assert_null(load("hex-clash.hex", &clash));
  assert_true(g_error_matches(clash, SY_HEX_ERROR, SY_HEX_ERROR_CLASH));
  assert_true(g_str_has_prefix(clash->message, "line 3: "));
  assert_null(load("hex-absent.hex", &absent));
  assert_true(g_error_matches(absent, G_IO_ERROR, G_IO_ERROR_NOT_FOUND));
}

static void a_release_and_its_boxed_type_stay_alive_by_reference(void **state)
{
  (void)state;
  g_auto(GValue) value = G_VALUE_INIT;
  g_autoptr(SyImage) image = release_build_both(VERSION, LENGTH);
  SyRelease *release = sy_release_new(image, "kept");

  g_value_init(&value, SY_TYPE_RELEASE);
  g_value_set_boxed(&value, release);
  sy_release_unref(release);
  assert_string_equal(sy_release_get_name(g_value_get_boxed(&value)), "kept");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_right_release_passes_every_check_and_is_picked_for_either_bank),
      cmocka_unit_test(sizes_at_the_borders_pass),
      cmocka_unit_test(a_program_placed_in_the_other_bank_is_an_error_in_clear_words),
      cmocka_unit_test(a_header_alone_does_not_make_a_program_fit_the_bank),
      cmocka_unit_test(one_vector_into_the_other_bank_is_noticed),
      cmocka_unit_test(a_vector_into_the_loader_or_ram_is_nobodys_business),
      cmocka_unit_test(bytes_without_header_and_vectors_are_called_that),
      cmocka_unit_test(a_bank_with_one_byte_is_told_apart_from_none),
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
      cmocka_unit_test(a_lock_is_named_even_without_a_program),
      cmocka_unit_test(a_factory_file_is_told_and_may_hold_the_bank_record),
      cmocka_unit_test(a_factory_file_with_a_wrong_vector_sum_is_a_warning),
      cmocka_unit_test(bytes_where_no_program_belongs_are_warnings_with_their_place),
      cmocka_unit_test(a_file_without_data_or_program_says_so),
      cmocka_unit_test(halves_of_two_products_cannot_be_used),
      cmocka_unit_test(halves_of_two_versions_are_a_warning_and_the_newer_counts),
      cmocka_unit_test(the_wrong_half_is_refused_with_what_to_do),
      cmocka_unit_test(versions_and_banks_have_their_words),
      cmocka_unit_test(the_files_in_the_data_folder_load),
      cmocka_unit_test(a_damaged_or_absent_file_gives_no_release),
      cmocka_unit_test(a_release_and_its_boxed_type_stay_alive_by_reference),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
