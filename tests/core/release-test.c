/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Releases: the programs found, the one picked for a substation, findings about the whole file,
 * loading.
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

static const WireBank banks[] = {WIRE_BANK_LOW, WIRE_BANK_HIGH};

static void a_right_release_passes_every_check_and_is_picked_for_either_bank(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = release_build_both(RELEASE_VERSION, RELEASE_LENGTH);
  g_autoptr(SyRelease) release = sy_release_new(image, "meter-1.2.3.hex");

  assert_ptr_equal(sy_release_get_image(release), image);
  assert_string_equal(sy_release_get_name(release), "meter-1.2.3.hex");
  assert_int_equal(sy_release_get_version(release), RELEASE_VERSION);
  assert_int_equal(sy_release_get_n_findings(release), 0);
  assert_false(sy_release_is_factory(release));
  for (guint i = 0; i < G_N_ELEMENTS(banks); i++) {
    g_autoptr(GError) error = NULL;
    const SyProgram *program = sy_release_pick(release, WIRE_PRODUCT_DEMO, banks[i], &error);

    assert_non_null(program);
    assert_null(error);
    assert_true(program->usable);
    assert_int_equal(program->bank, banks[i]);
    assert_int_equal(program->addr, release_addr_of(banks[i]));
    assert_int_equal(program->length, RELEASE_LENGTH);
    assert_int_equal(program->header.product, WIRE_PRODUCT_DEMO);
    assert_string_equal(program->header.name, "demo program");
    release_others_are_content(release, banks[i], SY_CHECK_COUNT);
    assert_memory_equal(g_bytes_get_data(program->bytes, NULL),
                        sy_image_peek(image, program->addr, RELEASE_LENGTH), RELEASE_LENGTH);
    for (guint j = 0; j < SY_CHECK_COUNT; j++)
      assert_int_equal(program->findings[j].check, j);
  }
}

static void sizes_at_the_borders_pass(void **state)
{
  (void)state;
  static const guint32 lengths[] = {0x100, 0x101, 0x1ff, 0x200, 0x201, WIRE_RELEASE_SIZE_MAX};

  for (guint i = 0; i < G_N_ELEMENTS(lengths); i++) {
    g_autoptr(SyImage) image = release_build_both(RELEASE_VERSION, lengths[i]);
    g_autoptr(SyRelease) release = sy_release_new(image, NULL);

    release_others_are_content(release, WIRE_BANK_LOW, SY_CHECK_COUNT);
    release_others_are_content(release, WIRE_BANK_HIGH, SY_CHECK_COUNT);
    assert_null(sy_release_get_name(release));
  }
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
  release_found(release, WIRE_BANK_LOW, SY_CHECK_BANK, SY_SEVERITY_WARNING, "neither a header nor");
  release_found(release, WIRE_BANK_LOW, SY_CHECK_HEADER, SY_SEVERITY_ERROR,
                "no program header at 0x02040");
  release_found(release, WIRE_BANK_LOW, SY_CHECK_PRODUCT, SY_SEVERITY_ERROR, "Without a header");
  release_found(release, WIRE_BANK_LOW, SY_CHECK_LENGTH, SY_SEVERITY_ERROR, "Without a header");
  release_found(release, WIRE_BANK_LOW, SY_CHECK_CRC, SY_SEVERITY_ERROR, "without a header");
  release_found(release, WIRE_BANK_LOW, SY_CHECK_VECTORS, SY_SEVERITY_ERROR,
                "for the eight vectors to sum to zero");
  release_found(release, WIRE_BANK_LOW, SY_CHECK_CRP, SY_SEVERITY_OK, "");
  release_pick_refuses(release, WIRE_PRODUCT_DEMO, WIRE_BANK_LOW, SY_RELEASE_ERROR_DAMAGED,
                       "LOW half cannot be used. There is no program header");
  assert_int_equal(sy_release_get_version(release), 0);
}

static void a_bank_with_one_byte_is_told_apart_from_none(void **state)
{
  (void)state;
  SyImageBuilder *builder = sy_image_builder_new();

  release_add(builder, release_addr_of(WIRE_BANK_HIGH) + 0x300, (const guint8 *)"x", 1);

  g_autoptr(SyImage) image = sy_image_builder_end(builder);
  g_autoptr(SyRelease) release = sy_release_new(image, NULL);

  assert_null(sy_release_get_program(release, WIRE_BANK_LOW));
  assert_int_equal(sy_release_get_program(release, WIRE_BANK_HIGH)->length, 0x301);
  release_found(release, WIRE_BANK_HIGH, SY_CHECK_HEADER, SY_SEVERITY_ERROR,
                "does not fill 0x10000 to 0x1007F");
  release_found(release, WIRE_BANK_HIGH, SY_CHECK_VECTORS, SY_SEVERITY_ERROR,
                "does not hold the eight");
}

static void a_lock_is_named_even_without_a_program(void **state)
{
  (void)state;
  SyImageBuilder *builder = sy_image_builder_new();

  release_add(builder, WIRE_CRP_ADDR, (const guint8 *)"\x78\x56\x34\x12", 4);

  g_autoptr(SyImage) image = sy_image_builder_end(builder);
  g_autoptr(SyRelease) release = sy_release_new(image, NULL);

  release_file_finding(release, 0, SY_CHECK_BANK, SY_SEVERITY_ERROR, "holds no program");
  release_file_finding(release, 1, SY_CHECK_CRP, SY_SEVERITY_ERROR, "lock the chip for good");
}

static void a_factory_file_is_told_and_may_hold_the_bank_record(void **state)
{
  (void)state;
  guint8 block[WIRE_BLOCK_SIZE];
  g_autoptr(SyRelease) release = release_with_sector_zero(0xffffffff);
  SyImage *image = sy_release_get_image(release);
  SyImageBuilder *builder = sy_image_builder_new();
  WireRecord record = {WIRE_BANK_LOW, 1, WIRE_RECORD_CONFIRMED, RELEASE_VERSION, 0};

  assert_true(sy_release_is_factory(release));
  assert_int_equal(sy_release_get_n_findings(release), 1);
  release_file_finding(release, 0, SY_CHECK_BANK, SY_SEVERITY_OK, "factory file");
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

  release_file_finding(release, 2, SY_CHECK_VECTORS, SY_SEVERITY_WARNING,
                       "stay in the chip's boot ROM and start nothing");
}

static void bytes_where_no_program_belongs_are_warnings_with_their_place(void **state)
{
  (void)state;
  SyImageBuilder *builder = sy_image_builder_new();
  g_autofree guint8 *program =
      release_build_program(WIRE_BANK_HIGH, RELEASE_VERSION, RELEASE_LENGTH);

  release_add(builder, release_addr_of(WIRE_BANK_HIGH), program, RELEASE_LENGTH);
  release_add(builder, 0x1c000, (const guint8 *)"abc", 3);
  assert_true(sy_image_builder_add(builder, 0x1fffe, (const guint8 *)"abcd", 4, 12, NULL));
  assert_true(sy_image_builder_add(builder, 0x40000000, (const guint8 *)"abc", 3, 13, NULL));

  g_autoptr(SyImage) image = sy_image_builder_end(builder);
  g_autoptr(SyRelease) release = sy_release_new(image, NULL);

  assert_int_equal(sy_release_get_n_findings(release), 3);
  release_file_finding(release, 0, SY_CHECK_BANK, SY_SEVERITY_WARNING, "bytes for sector 14");
  release_file_finding(release, 1, SY_CHECK_BANK, SY_SEVERITY_WARNING,
                       "5 bytes from 0x00020000 on lie outside");
  release_file_finding(release, 2, SY_CHECK_BANK, SY_SEVERITY_WARNING,
                       "2 bytes from 0x1FFFE on lie in sector 15");
  assert_int_equal(sy_release_get_finding(release, 1)->line, 12);
  assert_int_equal(sy_release_get_finding(release, 2)->line, 12);
  assert_non_null(sy_release_pick(release, WIRE_PRODUCT_DEMO, WIRE_BANK_HIGH, NULL));
}

static void a_file_without_data_or_program_says_so(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = sy_image_builder_end(sy_image_builder_new());
  g_autoptr(SyRelease) release = sy_release_new(image, NULL);

  assert_int_equal(sy_release_get_n_findings(release), 1);
  release_file_finding(release, 0, SY_CHECK_BANK, SY_SEVERITY_ERROR, "no data at all");
  release_pick_refuses(release, WIRE_PRODUCT_DEMO, WIRE_BANK_LOW, SY_RELEASE_ERROR_BANK,
                       "holds no program for a substation");
}

/* A release whose HIGH half has another product or version. */
static SyRelease *mixed(guint32 product, guint32 version)
{
  g_autofree guint8 *low = release_build_program(WIRE_BANK_LOW, RELEASE_VERSION, RELEASE_LENGTH);
  g_autofree guint8 *high = release_build_program(WIRE_BANK_HIGH, version, RELEASE_LENGTH);
  SyImageBuilder *builder = sy_image_builder_new();
  WireImageHeader header;

  assert_true(wire_image_header_read(high, &header));
  header.product = product;
  release_set_header(high, RELEASE_LENGTH, &header);
  release_add(builder, release_addr_of(WIRE_BANK_LOW), low, RELEASE_LENGTH);
  release_add(builder, release_addr_of(WIRE_BANK_HIGH), high, RELEASE_LENGTH);

  g_autoptr(SyImage) image = sy_image_builder_end(builder);

  return sy_release_new(image, NULL);
}

static void halves_of_two_products_cannot_be_used(void **state)
{
  (void)state;
  g_autoptr(SyRelease) release = mixed(RELEASE_OTHER_PRODUCT, RELEASE_VERSION);

  release_file_finding(release, 0, SY_CHECK_PRODUCT, SY_SEVERITY_ERROR,
                       "LOW half is for product DSS1");
  release_pick_refuses(release, WIRE_PRODUCT_DEMO, WIRE_BANK_LOW, SY_RELEASE_ERROR_DAMAGED,
                       "merged");
  release_pick_refuses(release, WIRE_PRODUCT_DEMO, WIRE_BANK_HIGH, SY_RELEASE_ERROR_PRODUCT,
                       "DSS2");
}

static void halves_of_two_versions_are_a_warning_and_the_newer_counts(void **state)
{
  (void)state;
  g_autoptr(SyRelease) release = mixed(WIRE_PRODUCT_DEMO, WIRE_VERSION(1, 2, 4));

  assert_int_equal(sy_release_get_n_findings(release), 1);
  release_file_finding(release, 0, SY_CHECK_HEADER, SY_SEVERITY_WARNING,
                       "version 1.2.3, the HIGH half 1.2.4");
  assert_int_equal(sy_release_get_version(release), WIRE_VERSION(1, 2, 4));
  assert_non_null(sy_release_pick(release, WIRE_PRODUCT_DEMO, WIRE_BANK_LOW, NULL));
}

static void the_wrong_half_is_refused_with_what_to_do(void **state)
{
  (void)state;
  g_autofree guint8 *program =
      release_build_program(WIRE_BANK_LOW, RELEASE_VERSION, RELEASE_LENGTH);
  g_autoptr(SyRelease) release = release_of(WIRE_BANK_LOW, program, RELEASE_LENGTH);

  release_pick_refuses(
      release, WIRE_PRODUCT_DEMO, WIRE_BANK_HIGH, SY_RELEASE_ERROR_BANK,
      "The file holds a program for LOW only; this substation runs LOW, so HIGH must be "
      "written. Open the release with both halves.");
  release_pick_refuses(release, WIRE_PRODUCT_DEMO, WIRE_BANK_NONE, SY_RELEASE_ERROR_BANK,
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
    assert_int_equal(sy_release_get_version(release), RELEASE_VERSION);
    release_others_are_content(release, WIRE_BANK_LOW, SY_CHECK_COUNT);
    release_others_are_content(release, WIRE_BANK_HIGH, SY_CHECK_COUNT);
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
  g_autoptr(SyImage) image = release_build_both(RELEASE_VERSION, RELEASE_LENGTH);
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
      cmocka_unit_test(bytes_without_header_and_vectors_are_called_that),
      cmocka_unit_test(a_bank_with_one_byte_is_told_apart_from_none),
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
