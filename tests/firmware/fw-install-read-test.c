/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading flash back through the loader: what comes, that nothing changes, and how long the loader
 * stays for it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "install-bench.h"

static unsigned ask_page(InstallBench *bench, unsigned page)
{
  uint8_t payload[WIRE_READ_LENGTH];

  return install_ask(bench, WIRE_READ, payload,
                     wire_read_write(&(WireRead){.page = (uint8_t)page}, payload));
}

static void check_page(InstallBench *bench, unsigned page)
{
  uint32_t addr = page % WIRE_PAGE_COUNT * WIRE_PAGE_SIZE;
  WireReadBack back = {0};

  assert_int_equal(ask_page(bench, page), WIRE_READ | WIRE_REPLY);
  assert_true(wire_read_back_read(&bench->answer, &back));
  assert_int_equal(bench->answer.length, WIRE_READ_BACK_LENGTH);
  assert_memory_equal(back.bytes, bench->flash.memory + addr, WIRE_PAGE_SIZE);
}

static void every_page_comes_as_it_lies_in_flash(void **state)
{
  InstallBench *bench = *state;

  for (uint32_t addr = 0; addr < WIRE_FLASH_SIZE; addr++) /* no two pages alike */
    bench->flash.memory[addr] = (uint8_t)(addr ^ addr / WIRE_PAGE_SIZE * 3);
  for (unsigned page = 0; page < WIRE_PAGE_COUNT; page++)
    check_page(bench, page);
  assert_int_equal(bench->flash.count, 0);
}

/* Whatever number comes, no address outside flash is read: the chip would abort. */
static void a_number_without_a_page_reads_one_inside_flash(void **state)
{
  InstallBench *bench = *state;

  for (unsigned page = WIRE_PAGE_COUNT; page < 256; page++)
    check_page(bench, page);
}

static void a_tail_behind_the_request_is_ignored(void **state)
{
  static const uint8_t payload[] = {0x12, 0x34, 0x56};
  InstallBench *bench = *state;

  assert_int_equal(install_ask(bench, WIRE_READ, payload, sizeof payload), WIRE_READ | WIRE_REPLY);
  assert_int_equal(bench->answer.length, WIRE_READ_BACK_LENGTH);
  assert_memory_equal(bench->answer.payload, bench->flash.memory + 0x12 * WIRE_PAGE_SIZE,
                      WIRE_PAGE_SIZE);
}

/* As a transfer goes on, what is there by then is what comes; the seal is not there yet. */
static void reading_in_the_middle_of_an_upgrade_disturbs_nothing(void **state)
{
  InstallBench *bench = *state;
  uint32_t first = wire_bank_get_addr(bench->new.bank) / WIRE_PAGE_SIZE;

  install_begin(bench);
  check_page(bench, first);
  for (unsigned block = 0; block < INSTALL_BLOCKS; block++) {
    install_send_data(bench, block);
    check_page(bench, first + block / 2);
  }
  assert_int_equal(ask_page(bench, first), WIRE_READ | WIRE_REPLY);
  assert_int_equal(bench->answer.payload[0], 0xff);
  assert_int_equal(install_ask_commit(bench), WIRE_COMMIT | WIRE_REPLY);
  check_page(bench, first);
  install_check_new_starts(bench);
}

static bool is_leaving(InstallBench *bench)
{
  return fw_install_get_leaving(&bench->install, install_now_ms(bench)) != 0;
}

/* A bank takes longer than 10 s on a slow line, and who goes away in the middle is not waited for.
 */
static void reading_keeps_the_loader_there_and_an_abandoned_read_ends_by_itself(void **state)
{
  InstallBench *bench = *state;

  for (unsigned page = 0; page < 48; page++) {
    bench->flash.now_us += 9000 * 1000;
    assert_false(is_leaving(bench));
    check_page(bench, page);
  }
  bench->flash.now_us += (FW_SILENCE_MS - 1) * 1000;
  assert_false(is_leaving(bench));
  bench->flash.now_us += 1000;
  assert_int_equal(fw_install_get_leaving(&bench->install, install_now_ms(bench)),
                   WIRE_LEAVING_SILENCE);
  assert_int_equal(bench->flash.count, 0);
  install_check_old_stays(bench);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, install_set_up, install_tear_down)
  const struct CMUnitTest tests[] = {
      TEST(every_page_comes_as_it_lies_in_flash),
      TEST(a_number_without_a_page_reads_one_inside_flash),
      TEST(a_tail_behind_the_request_is_ignored),
      TEST(reading_in_the_middle_of_an_upgrade_disturbs_nothing),
      TEST(reading_keeps_the_loader_there_and_an_abandoned_read_ends_by_itself),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
