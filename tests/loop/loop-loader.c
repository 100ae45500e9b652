/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The substation's loader: the real logic, around it what firmware/loader does itself, and what one
 * of protocol 1.1 or 1.0 does otherwise. */

#include "loop-bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <string.h>

#include "fw-reply.h"

enum { RATE_MAX = 691200 };

static uint32_t get_ms(const Loop *loop)
{
  return (uint32_t)(loop->flash.now_us / 1000);
}

/* Its loader takes one frame at a time, erases before it answers BEGIN, and tells no map. */
bool loop_loader_is_one_by_one(const Loop *loop)
{
  return loop->style == LOOP_ONE_BY_ONE || loop->no_trials;
}

void loop_loader_begin(Loop *loop)
{
  const FwSelf self = {.mode = WIRE_MODE_LOADER, .part_id = LOOP_PART_ID, .boots = loop->boots};

  memset(&loop->install, 0xa5, sizeof loop->install);
  fw_install_init(&loop->install, &loop->flash.flash, &self, loop->running, get_ms(loop));
  memset(&loop->life, 0, sizeof loop->life);
  loop->install.life = &loop->life;
}

/* A loader of protocol 1.0 knows no trial: what it commits stands at once. */
static void end_trial_by_hand(Loop *loop)
{
  const uint8_t *newest = fw_boot_find_record(loop->flash.memory);
  WireRecord record = bench_flash_get_record(&loop->flash);

  if (!loop->no_trials || loop->install.state != FW_INSTALL_COMMITTED)
    return;
  record.state = WIRE_RECORD_CONFIRMED;
  bench_flash_put_any_record(
      &loop->flash, (unsigned)(newest - (loop->flash.memory + WIRE_RECORD_ADDR)) / WIRE_BLOCK_SIZE,
      &record);
}

/* Makes of a true reply, `length` bytes of a frame, one of 1.1. */
static size_t tell_as_1_1(Loop *loop, const WireFrame *request, uint8_t *reply, size_t length)
{
  uint8_t *payload = fw_reply_payload(reply);

  if (reply[WIRE_FRAME_TYPE_OFFSET] == (WIRE_BEGIN | WIRE_REPLY)) {
    payload[6] = (uint8_t)loop->erase_ms;
    payload[7] = (uint8_t)(loop->erase_ms >> 8);
    return fw_reply_finish(request, WIRE_BEGUN_LENGTH_1_1, reply);
  }
  if (reply[WIRE_FRAME_TYPE_OFFSET] == (WIRE_COMMIT | WIRE_REPLY))
    return fw_reply_finish(request, WIRE_COMMITTED_LENGTH_1_1, reply);
  return length;
}

/* What it did not do before it answered is done first; that it failed is the only answer. */
static size_t handle_one_by_one(Loop *loop, const WireFrame *request, uint8_t *reply)
{
  uint64_t start_us = loop->flash.now_us;
  uint8_t failure[WIRE_FRAME_MAX];
  size_t length, failed;

  if (request->type == WIRE_RATE)
    return fw_reply_nak(request, WIRE_CAUSE_UNKNOWN_TYPE, request->type, reply);
  length = fw_install_handle(&loop->install, request, get_ms(loop), reply);
  failed = fw_install_work(&loop->install, failure);
  if (failed > 0) {
    memcpy(reply, failure, failed);
    return failed;
  }
  if (request->type == WIRE_BEGIN && loop->flash.now_us > start_us)
    loop->erase_ms = (uint32_t)((loop->flash.now_us - start_us) / 1000);
  return tell_as_1_1(loop, request, reply, length);
}

static void set_rate(Loop *loop, uint32_t baud)
{
  loop->station_baud = baud;
  loop->station_proven = false;
  loop->good_us = loop->flash.now_us;
  loop->raises += baud != WIRE_RATE_DEFAULT;
}

/* As the loader's: 691200 and what is a whole part of it. The rate that it goes to behind the
 * answer comes with it. */
static size_t handle_rate(Loop *loop, const WireFrame *request, uint8_t *reply, uint32_t *baud)
{
  WireRate rate = {0};

  if (!wire_rate_read(request, &rate) || rate.baud == 0 || RATE_MAX % rate.baud != 0 ||
      rate.baud > loop->station_makes)
    return fw_reply_nak(request, WIRE_CAUSE_BAD_RATE, rate.baud, reply);
  *baud = rate.baud;
  return fw_reply_finish(request, wire_rate_write(&rate, fw_reply_payload(reply)), reply);
}

size_t loop_loader_handle(Loop *loop, const WireFrame *request, uint8_t *reply, uint32_t *baud)
{
  size_t length;

  if (request->type == WIRE_IDENTIFY)
    return fw_reply_finish(request, loop_station_write_identity(loop, fw_reply_payload(reply)),
                           reply);
  if (loop_loader_is_one_by_one(loop))
    length = handle_one_by_one(loop, request, reply);
  else if (request->type == WIRE_RATE)
    length = handle_rate(loop, request, reply, baud);
  else
    length = fw_install_handle(&loop->install, request, get_ms(loop), reply);
  if (!loop->flash.dead)
    end_trial_by_hand(loop);
  return length;
}

/* Behind the answer: the loader's new rate, and what it has left to do. */
void loop_loader_work(Loop *loop, uint32_t baud)
{
  uint8_t reply[WIRE_FRAME_MAX];
  size_t length;

  if (baud != 0)
    set_rate(loop, baud);
  length = fw_install_work(&loop->install, reply);
  if (loop->flash.dead)
    loop_station_cut_power(loop);
  else
    loop_station_send(loop, reply, length);
}

/* The way back from a rate that does not carry, or carries no more. */
void loop_loader_watch_rate(Loop *loop)
{
  uint64_t silence_ms = (loop->now_us - loop->good_us) / 1000;

  if (loop->station_baud != WIRE_RATE_DEFAULT &&
      silence_ms >= (loop->station_proven ? WIRE_RATE_SILENCE_MS : WIRE_RATE_PROOF_MS))
    set_rate(loop, WIRE_RATE_DEFAULT);
}
