/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A program on trial, what it is asked, and the judgement of its answers and records. */

#include "trial-bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

void trial_start(TrialBench *bench, WireBank bank)
{
  bench->flash.now_us = NOW_MS * 1000;
  bench_trial_start(&bench->trial, &bench->flash, bank);
}

void trial_prepare(TrialBench *bench)
{
  BenchImage image;

  bench_flash_init(&bench->flash);
  bench_image_make(&image, LOW, OLD, LENGTH);
  bench_flash_put(&bench->flash, &image);
  bench_image_make(&image, HIGH, NEW, LENGTH);
  bench_flash_put(&bench->flash, &image);
  bench_flash_put_record(&bench->flash, 0, LOW, 1);
  bench_flash_put_trial(&bench->flash, 1, HIGH, 2, 1);
  trial_start(bench, HIGH);
}

int trial_set_up(void **state)
{
  *state = malloc(sizeof(TrialBench));
  assert_non_null(*state);
  trial_prepare(*state);
  return 0;
}

int trial_tear_down(void **state)
{
  free(*state);
  return 0;
}

/* There never was another program, and the program under test starts again. */
void trial_leave_alone(TrialBench *bench)
{
  bench_flash_erase_bank(&bench->flash, LOW);
  bench_flash_put_first(&bench->flash, 1, HIGH, 2);
  trial_start(bench, HIGH);
}

void trial_fail_every_record(TrialBench *bench)
{
  bench->flash.fail_addr = WIRE_RECORD_ADDR;
  bench->flash.fail_sector = true;
  bench->flash.fail_times = 1000;
}

/* Sends a request, the payload in an allocation of its own; returns the reply's type. */
unsigned trial_ask(TrialBench *bench, uint8_t type, const uint8_t *payload, size_t length)
{
  uint8_t *copy = malloc(length ? length : 1);
  WireFrame request = {type, 0x31, 0x07, (uint16_t)length, copy};
  size_t replied;

  assert_non_null(copy);
  memcpy(copy, payload, length);
  replied = type == WIRE_CONFIRM ? fw_trial_handle_confirm(&bench->trial, &request, bench->reply)
                                 : fw_trial_handle_go_back(&bench->trial, &request, bench->reply);
  free(copy);
  wire_decoder_init(&bench->decoder);
  wire_decoder_push(&bench->decoder, bench->reply, replied);
  assert_true(wire_decoder_next(&bench->decoder, &bench->answer));
  assert_int_equal(bench->answer.token, 0x31);
  assert_int_equal(bench->answer.seq, 0x07);
  return bench->answer.type;
}

unsigned trial_ask_confirm(TrialBench *bench, uint32_t crc)
{
  uint8_t payload[WIRE_CONFIRM_LENGTH];

  return trial_ask(bench, WIRE_CONFIRM, payload, wire_confirm_write(&(WireConfirm){crc}, payload));
}

unsigned trial_ask_go_back(TrialBench *bench, uint32_t crc)
{
  uint8_t payload[WIRE_CONFIRM_LENGTH];

  return trial_ask(bench, WIRE_GO_BACK, payload, wire_confirm_write(&(WireConfirm){crc}, payload));
}

uint32_t trial_crc_of(const TrialBench *bench, WireBank bank)
{
  return wire_image_get_crc(bench->flash.memory + wire_bank_map(bank)->addr);
}

void trial_check_nak(const TrialBench *bench, unsigned type, WireCause cause, uint32_t detail)
{
  WireNak nak = {0};

  assert_int_equal(bench->answer.type, WIRE_NAK);
  assert_true(wire_nak_read(&bench->answer, &nak));
  assert_int_equal(nak.type, type);
  assert_int_equal(nak.cause, cause);
  assert_int_equal(nak.detail, detail);
}

/* Confirmed with this sequence. */
void trial_check_confirmed(TrialBench *bench, uint32_t sequence)
{
  WireConfirmed confirmed = {.sequence = UINT32_MAX};

  assert_int_equal(trial_ask_confirm(bench, trial_crc_of(bench, bench->trial.bank)),
                   WIRE_CONFIRM | WIRE_REPLY);
  assert_true(wire_confirmed_read(&bench->answer, &confirmed));
  assert_int_equal(confirmed.sequence, sequence);
}

bool trial_is_over(TrialBench *bench, uint32_t after_ms)
{
  return fw_trial_is_over(&bench->trial, NOW_MS + after_ms);
}

/* It leaves, and has recorded that LOW is gone back to, and why. */
void trial_check_returned(TrialBench *bench, uint32_t after_ms, WireTrialCause cause)
{
  unsigned before = bench->flash.count;
  WireRecord record;

  assert_true(trial_is_over(bench, after_ms));
  assert_int_equal(bench->flash.count, before + 1);
  record = bench_flash_get_record(&bench->flash);
  assert_int_equal(record.bank, LOW);
  assert_int_equal(record.state, WIRE_RECORD_RETURNED);
  assert_int_equal(record.cause, cause);
  assert_int_equal(record.starts, 0);
  assert_int_equal(record.version, OLD);
  assert_int_equal(record.crc, trial_crc_of(bench, LOW));
  assert_int_equal(fw_boot_choose(bench->flash.memory), fw_entry_make(FW_ENTRY_PROGRAM, LOW));
}

/* It leaves, and has put the other program on trial: none of its starts is counted yet. */
void trial_check_switched(TrialBench *bench, WireBank to)
{
  WireRecord record;

  assert_true(trial_is_over(bench, 0));
  record = bench_flash_get_record(&bench->flash);
  assert_int_equal(record.bank, to);
  assert_int_equal(record.state, WIRE_RECORD_TRIAL);
  assert_int_equal(record.starts, 0);
  assert_int_equal(record.cause, WIRE_TRIAL_CAUSE_NONE);
  assert_int_equal(record.crc, trial_crc_of(bench, to));
  assert_int_equal(fw_boot_choose(bench->flash.memory), fw_entry_make(FW_ENTRY_START, to));
}

WireIdentity trial_tell(const TrialBench *bench, uint32_t after_ms)
{
  WireIdentity identity = {.trial_starts = 1, .trial_cause = WIRE_TRIAL_CAUSE_HANG, .flags = 1};

  fw_trial_tell(&bench->trial, NOW_MS + after_ms, &identity);
  return identity;
}
