/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * CRC-32 and SHA-256, against values that are known (FIPS 180-4's examples; the CRC's check value).
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "image-fixture.h"
#include "sy-digest.h"
#include "temp-folder.h"

#define SHA_OF_NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define SHA_OF_ABC     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
/* One million times "a". */
#define SHA_OF_MILLION "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"

static const SyRange everything = {0, G_GUINT64_CONSTANT(1) << 32};

static int set_up(void **state)
{
  *state = temp_folder_new();
  return 0;
}

static int tear_down(void **state)
{
  temp_folder_remove(*state);
  return 0;
}

static GFile *write_file(const char *folder, const char *bytes, gsize length)
{
  g_autofree char *path = g_build_filename(folder, "file", NULL);

  assert_true(g_file_set_contents(path, bytes, (gssize)length, NULL));
  return g_file_new_for_path(path);
}

static void assert_digest(const SyDigest *digest, guint64 length, guint32 crc, const char *sha256)
{
  assert_int_equal(digest->length, length);
  assert_int_equal(digest->crc, crc);
  assert_string_equal(digest->sha256, sha256);
}

static void files_have_the_digests_that_are_known(void **state)
{
  SyDigest digest;
  g_autofree char *million = g_strnfill(1000000, 'a');
  g_autoptr(GFile) nothing = write_file(*state, "", 0);

  assert_true(sy_digest_file(nothing, NULL, &digest, NULL));
  assert_digest(&digest, 0, 0, SHA_OF_NOTHING);

  g_autoptr(GFile) abc = write_file(*state, "abc", 3);

  assert_true(sy_digest_file(abc, NULL, &digest, NULL));
  assert_digest(&digest, 3, 0x352441c2, SHA_OF_ABC);

  g_autoptr(GFile) check = write_file(*state, "123456789", 9);

  assert_true(sy_digest_file(check, NULL, &digest, NULL));
  assert_int_equal(digest.crc, 0xcbf43926);

  g_autoptr(GFile) large = write_file(*state, million, 1000000);

  assert_true(sy_digest_file(large, NULL, &digest, NULL));
  assert_digest(&digest, 1000000, 0xdc25bfbc, SHA_OF_MILLION);
}

static void a_file_of_exactly_one_piece_is_read_once(void **state)
{
  SyDigest of_file, of_image;
  g_autofree char *text = g_strnfill(256 * 1024, 'a');
  g_autoptr(GFile) file = write_file(*state, text, 256 * 1024);
  g_autoptr(SyImage) image = image_fixture_flat(0xfffc0000, 256 * 1024, 'a');

  assert_true(sy_digest_file(file, NULL, &of_file, NULL));
  assert_true(sy_digest_image(image, &everything, NULL, &of_image));
  assert_digest(&of_file, 256 * 1024, of_image.crc, of_image.sha256);
}

static void a_file_that_cannot_be_read_is_an_error(void **state)
{
  SyDigest digest;
  g_autoptr(GError) error = NULL;
  g_autoptr(GFile) folder = g_file_new_for_path(*state);
  g_autoptr(GFile) absent = g_file_get_child(folder, "absent");
  g_autoptr(GFile) file = write_file(*state, "abc", 3);
  g_autoptr(GCancellable) cancelled = g_cancellable_new();

  assert_false(sy_digest_file(absent, NULL, &digest, &error));
  assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND));
  g_clear_error(&error);
  assert_false(sy_digest_file(folder, NULL, &digest, &error));
  assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY));
  g_clear_error(&error);
  g_cancellable_cancel(cancelled);
  assert_false(sy_digest_file(file, cancelled, &digest, &error));
  assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}

static void gaps_of_an_image_add_nothing(void **state)
{
  (void)state;
  SyDigest digest;
  g_autoptr(SyImage) image = IMAGE({0x10, "a"}, {0x2000, "b"}, {0xffffffff, "c"});

  assert_true(sy_digest_image(image, &everything, NULL, &digest));
  assert_digest(&digest, 3, 0x352441c2, SHA_OF_ABC);
}

static void only_what_lies_in_the_range_counts(void **state)
{
  (void)state;
  SyDigest digest;
  g_autoptr(SyImage) image = IMAGE({0x10, "xxabcxx"}, {0xfffffffb, "xxabc"});

  assert_true(sy_digest_image(image, &(SyRange){0x12, 3}, NULL, &digest));
  assert_digest(&digest, 3, 0x352441c2, SHA_OF_ABC);
  assert_true(sy_digest_image(image, &(SyRange){0xfffffffd, G_MAXUINT64}, NULL, &digest));
  assert_digest(&digest, 3, 0x352441c2, SHA_OF_ABC);
  assert_true(sy_digest_image(image, &(SyRange){0x20, 0x1000}, NULL, &digest));
  assert_digest(&digest, 0, 0, SHA_OF_NOTHING);
}

static void a_digest_of_an_image_can_be_cancelled(void **state)
{
  (void)state;
  SyDigest digest;
  g_autoptr(SyImage) image = IMAGE({0x10, "abc"});
  g_autoptr(GCancellable) cancelled = g_cancellable_new();

  g_cancellable_cancel(cancelled);
  assert_false(sy_digest_image(image, &everything, cancelled, &digest));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(files_have_the_digests_that_are_known, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_file_of_exactly_one_piece_is_read_once, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_file_that_cannot_be_read_is_an_error, set_up, tear_down),
      cmocka_unit_test(gaps_of_an_image_add_nothing),
      cmocka_unit_test(only_what_lies_in_the_range_counts),
      cmocka_unit_test(a_digest_of_an_image_can_be_cancelled),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
