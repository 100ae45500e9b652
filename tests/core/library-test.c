/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The library: what was added is found, and nothing that is not byte for byte what was asked for,
 * whatever lies in its folder.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "library-fixture.h"
#include "temp-folder.h"

static void what_was_added_is_found_by_another_library_on_the_folder(void **state)
{
  (void)state;
  g_autoptr(SyRelease) release = library_release_new(RELEASE_VERSION);
  g_autofree char *low = library_path_of(release, WIRE_BANK_LOW);

  assert_false(library_is_found(release, WIRE_BANK_LOW));
  library_add(release);
  assert_true(library_is_found(release, WIRE_BANK_LOW));
  assert_true(library_is_found(release, WIRE_BANK_HIGH));
  assert_int_equal(library_count_files(), 2);
  assert_int_equal(library_stat(library_folder).st_mode & 0777, 0700);
  assert_int_equal(library_stat(low).st_mode & 0777, 0600);
}

static void programs_of_every_length_are_kept(void **state)
{
  (void)state;
  static const guint32 lengths[] = {0x100, 0x101, WIRE_BLOCK_SIZE, WIRE_RELEASE_SIZE_MAX};

  for (guint i = 0; i < G_N_ELEMENTS(lengths); i++) {
    g_autoptr(SyImage) image = release_build_both(RELEASE_VERSION, lengths[i]);
    g_autoptr(SyRelease) release = sy_release_new(image, NULL);

    library_add(release);
    assert_true(library_is_found(release, WIRE_BANK_LOW));
    assert_true(library_is_found(release, WIRE_BANK_HIGH));
  }
}

static void numbers_that_nobody_knows_find_nothing(void **state)
{
  (void)state;
  g_autoptr(SyRelease) release = library_release_new(RELEASE_VERSION);
  guint32 crc = library_crc_of(release, WIRE_BANK_LOW);

  library_add(release);
  assert_null(library_find(WIRE_BANK_LOW, RELEASE_LENGTH, crc ^ 1));
  assert_null(library_find(WIRE_BANK_LOW, RELEASE_LENGTH - 1, crc));
  assert_null(library_find(WIRE_BANK_HIGH, RELEASE_LENGTH, crc));
  assert_null(library_find(WIRE_BANK_NONE, RELEASE_LENGTH, crc));
  assert_null(library_find((WireBank)77, RELEASE_LENGTH, crc));
  assert_null(library_find(WIRE_BANK_LOW, 0, crc));
  assert_null(library_find(WIRE_BANK_LOW, WIRE_IMAGE_LENGTH_MIN - 1, crc));
  assert_null(library_find(WIRE_BANK_LOW, WIRE_LOW_SIZE + 1, crc));
  assert_null(library_find(WIRE_BANK_LOW, G_MAXUINT32, crc));
}

static void a_program_under_the_other_banks_name_is_not_taken_for_its(void **state)
{
  (void)state;
  g_autoptr(SyRelease) release = library_half_new(WIRE_BANK_LOW, RELEASE_VERSION);
  const SyProgram *program = sy_release_get_program(release, WIRE_BANK_LOW);
  guint32 crc = program->header.crc;
  gconstpointer bytes = g_bytes_get_data(program->bytes, NULL);

  library_plant(WIRE_BANK_HIGH, RELEASE_LENGTH, crc, bytes);
  assert_null(library_find(WIRE_BANK_HIGH, RELEASE_LENGTH, crc));
  library_plant(WIRE_BANK_LOW, RELEASE_LENGTH, crc, bytes);
  assert_true(library_is_found(release, WIRE_BANK_LOW));
}

static void a_file_whose_header_tells_another_length_finds_nothing(void **state)
{
  (void)state;
  g_autofree guint8 *program =
      release_build_program(WIRE_BANK_LOW, RELEASE_VERSION, RELEASE_LENGTH);
  WireImageHeader header;

  assert_true(wire_image_header_read(program, &header));
  header.length = RELEASE_LENGTH - 4;
  release_set_header(program, RELEASE_LENGTH, &header);
  library_plant(WIRE_BANK_LOW, RELEASE_LENGTH, wire_image_get_crc(program), program);
  assert_null(library_find(WIRE_BANK_LOW, RELEASE_LENGTH, wire_image_get_crc(program)));
}

static void a_file_too_short_for_a_header_finds_nothing(void **state)
{
  (void)state;
  static const guint32 lengths[] = {0, 1, 0x44, WIRE_IMAGE_LENGTH_MIN - 1};
  g_autofree guint8 *program =
      release_build_program(WIRE_BANK_LOW, RELEASE_VERSION, RELEASE_LENGTH);

  for (guint i = 0; i < G_N_ELEMENTS(lengths); i++) {
    library_plant(WIRE_BANK_LOW, lengths[i], 0, program);
    assert_null(library_find(WIRE_BANK_LOW, lengths[i], 0));
  }
}

static void any_flipped_byte_is_noticed_and_the_next_add_mends_it(void **state)
{
  (void)state;
  g_autoptr(SyRelease) release = library_half_new(WIRE_BANK_LOW, RELEASE_VERSION);
  g_autofree char *path = library_path_of(release, WIRE_BANK_LOW);
  g_autofree char *bytes = NULL;
  gsize length;

  library_add(release);
  assert_true(g_file_get_contents(path, &bytes, &length, NULL));
  for (gsize at = 0; at < length; at += at < WIRE_BLOCK_SIZE ? 1 : 97) {
    bytes[at] ^= 0x10;
    library_put(path, bytes, length);
    bytes[at] ^= 0x10;
    if (library_is_found(release, WIRE_BANK_LOW))
      fail_msg("byte %zu is not looked at", at);
  }
  library_add(release);
  assert_true(library_is_found(release, WIRE_BANK_LOW));
}

static void a_file_of_another_length_finds_nothing(void **state)
{
  (void)state;
  static const gsize lengths[] = {0,      1, 0x7f, 0x80, RELEASE_LENGTH - 1, RELEASE_LENGTH + 1,
                                  1 << 20};
  g_autoptr(SyRelease) release = library_half_new(WIRE_BANK_LOW, RELEASE_VERSION);
  g_autofree char *path = library_path_of(release, WIRE_BANK_LOW);

  library_add(release);
  for (guint i = 0; i < G_N_ELEMENTS(lengths); i++) {
    assert_int_equal(truncate(path, (off_t)lengths[i]), 0);
    assert_false(library_is_found(release, WIRE_BANK_LOW));
    library_add(release);
    assert_true(library_is_found(release, WIRE_BANK_LOW));
  }
}

static void a_link_is_not_followed_but_replaced(void **state)
{
  (void)state;
  g_autoptr(SyRelease) release = library_half_new(WIRE_BANK_LOW, RELEASE_VERSION);
  g_autofree char *path = library_path_of(release, WIRE_BANK_LOW);
  g_autofree char *elsewhere = g_build_filename(library_home, "elsewhere", NULL);
  g_autofree char *bytes = NULL;
  gsize length;

  library_add(release);
  assert_int_equal(g_rename(path, elsewhere), 0);
  assert_int_equal(symlink(elsewhere, path), 0);
  assert_false(library_is_found(release, WIRE_BANK_LOW));
  library_put(elsewhere, "kept", 4);
  library_add(release);
  assert_true(S_ISREG(library_stat(path).st_mode));
  assert_true(library_is_found(release, WIRE_BANK_LOW));
  assert_true(g_file_get_contents(elsewhere, &bytes, &length, NULL));
  assert_string_equal(bytes, "kept");
}

static void a_pipe_in_its_place_is_not_waited_for(void **state)
{
  (void)state;
  g_autoptr(SyRelease) release = library_half_new(WIRE_BANK_LOW, RELEASE_VERSION);
  g_autofree char *path = library_path_of(release, WIRE_BANK_LOW);

  assert_int_equal(g_mkdir_with_parents(library_folder, 0700), 0);
  assert_int_equal(mkfifo(path, 0600), 0);
  assert_false(library_is_found(release, WIRE_BANK_LOW));
}

static void a_folder_in_its_place_stays_and_the_other_half_is_kept(void **state)
{
  (void)state;
  g_autoptr(SyRelease) release = library_release_new(RELEASE_VERSION);
  g_autofree char *path = library_path_of(release, WIRE_BANK_LOW);

  assert_int_equal(g_mkdir_with_parents(path, 0700), 0);
  library_add(release);
  assert_false(library_is_found(release, WIRE_BANK_LOW));
  assert_true(library_is_found(release, WIRE_BANK_HIGH));
  assert_true(S_ISDIR(library_stat(path).st_mode));
  assert_int_equal(library_count_files(), 2); /* and no half-made one is left */
}

static void where_no_folder_can_be_nothing_is_kept_and_nothing_breaks(void **state)
{
  (void)state;
  g_autoptr(SyRelease) release = library_release_new(RELEASE_VERSION);
  g_autofree char *in_the_way = g_build_filename(library_home, "kept", NULL);

  library_put(in_the_way, "a file", 6);
  library_add(release);
  assert_false(library_is_found(release, WIRE_BANK_LOW));
  assert_int_equal(library_stat(in_the_way).st_size, 6);
}

static void a_full_disk_leaves_nothing_half_made(void **state)
{
  (void)state;
  g_autoptr(SyRelease) release = library_release_new(RELEASE_VERSION);
  struct rlimit before, narrow;

  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  narrow = (struct rlimit){.rlim_cur = RELEASE_LENGTH / 2, .rlim_max = before.rlim_max};
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &narrow), 0);
  library_add(release);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  assert_true(g_file_test(library_folder, G_FILE_TEST_IS_DIR));
  assert_int_equal(library_count_files(), 0);
  library_add(release);
  assert_true(library_is_found(release, WIRE_BANK_LOW));
}

static void a_half_that_cannot_be_used_is_not_kept(void **state)
{
  (void)state;
  g_autofree guint8 *low = release_build_program(WIRE_BANK_LOW, RELEASE_VERSION, RELEASE_LENGTH);
  g_autofree guint8 *high = release_build_program(WIRE_BANK_HIGH, RELEASE_VERSION, RELEASE_LENGTH);
  SyImageBuilder *builder = sy_image_builder_new();

  low[RELEASE_LENGTH - 1] ^= 1;
  release_add(builder, release_addr_of(WIRE_BANK_LOW), low, RELEASE_LENGTH);
  release_add(builder, release_addr_of(WIRE_BANK_HIGH), high, RELEASE_LENGTH);

  g_autoptr(SyImage) image = sy_image_builder_end(builder);
  g_autoptr(SyRelease) release = sy_release_new(image, NULL);

  assert_false(sy_release_get_program(release, WIRE_BANK_LOW)->usable);
  library_add(release);
  assert_true(library_is_found(release, WIRE_BANK_HIGH));
  assert_int_equal(library_count_files(), 1);
}

static void nothing_is_kept_of_a_file_that_must_not_be_sent(void **state)
{
  (void)state;
  g_autofree guint8 *low = release_build_program(WIRE_BANK_LOW, RELEASE_VERSION, RELEASE_LENGTH);
  g_autofree guint8 *high = release_build_program(WIRE_BANK_HIGH, RELEASE_VERSION, RELEASE_LENGTH);
  SyImageBuilder *builder = sy_image_builder_new();
  WireImageHeader header;

  assert_true(wire_image_header_read(high, &header));
  header.product = RELEASE_OTHER_PRODUCT;
  release_set_header(high, RELEASE_LENGTH, &header);
  release_add(builder, release_addr_of(WIRE_BANK_LOW), low, RELEASE_LENGTH);
  release_add(builder, release_addr_of(WIRE_BANK_HIGH), high, RELEASE_LENGTH);

  g_autoptr(SyImage) image = sy_image_builder_end(builder);
  g_autoptr(SyRelease) of_two_products = sy_release_new(image, NULL);

  assert_true(sy_release_get_program(of_two_products, WIRE_BANK_LOW)->usable);
  assert_non_null(sy_release_get_error(of_two_products));
  library_add(of_two_products);
  assert_false(g_file_test(library_folder, G_FILE_TEST_EXISTS));
}

static void without_a_folder_it_is_the_users(void **state)
{
  (void)state;
  g_autoptr(SyLibrary) library = sy_library_new(NULL);
  g_autoptr(SyRelease) release = library_half_new(WIRE_BANK_LOW, RELEASE_VERSION);

  g_free(library_folder);
  library_folder = g_build_filename(g_getenv("XDG_DATA_HOME"), "switchyard", "images", NULL);
  sy_library_add_release(library, release);
  assert_true(library_is_found(release, WIRE_BANK_LOW));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, library_set_up, library_tear_down)
  const struct CMUnitTest tests[] = {
      TEST(what_was_added_is_found_by_another_library_on_the_folder),
      TEST(programs_of_every_length_are_kept),
      TEST(numbers_that_nobody_knows_find_nothing),
      TEST(a_program_under_the_other_banks_name_is_not_taken_for_its),
      TEST(a_file_whose_header_tells_another_length_finds_nothing),
      TEST(a_file_too_short_for_a_header_finds_nothing),
      TEST(any_flipped_byte_is_noticed_and_the_next_add_mends_it),
      TEST(a_file_of_another_length_finds_nothing),
      TEST(a_link_is_not_followed_but_replaced),
      TEST(a_pipe_in_its_place_is_not_waited_for),
      TEST(a_folder_in_its_place_stays_and_the_other_half_is_kept),
      TEST(where_no_folder_can_be_nothing_is_kept_and_nothing_breaks),
      TEST(a_full_disk_leaves_nothing_half_made),
      TEST(a_half_that_cannot_be_used_is_not_kept),
      TEST(nothing_is_kept_of_a_file_that_must_not_be_sent),
      TEST(without_a_folder_it_is_the_users),
  };
#undef TEST
  char *data_home = temp_folder_new();
  int failed;

  g_setenv("XDG_DATA_HOME", data_home, TRUE); /* before GLib asks for it, once */
  failed = cmocka_run_group_tests(tests, NULL, NULL);
  temp_folder_remove(data_home);
  return failed;
}
