/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Fuzz target for everything that reads from the line. The input is taken three ways: as a stream
 * into the decoder, whole and byte by byte, which must agree; as a stream into a session in the
 * middle of an upgrade; and as a list of requests in right frames, so that they get past the CRC,
 * into the loader's side, whose flash must stay within the idle bank and the record sector.
 *
 * A libFuzzer target; fuzz-main.c runs it without libFuzzer.
 */

#include "fw-install.h"
#include "sy-session.h"
#include "wire-bytes.h"

#include <glib.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { IMAGE_LENGTH = 2000, FRAMES_MAX = 64 };

typedef struct {
  unsigned frames;
  uint32_t sum;
} Heard;

static void hear(WireDecoder *decoder, Heard *heard)
{
  WireFrame frame;

  while (wire_decoder_next(decoder, &frame)) {
    heard->frames++;
    heard->sum = heard->sum * 31 + frame.type;
    for (unsigned i = 0; i < frame.length; i++)
      heard->sum = heard->sum * 31 + frame.payload[i];
  }
}

static Heard decode(const uint8_t *data, size_t size, size_t chunk)
{
  WireDecoder decoder;
  Heard heard = {0};

  wire_decoder_init(&decoder);
  for (size_t taken = 0; taken < size;) {
    size_t piece = MIN(chunk, size - taken);

    taken += wire_decoder_push(&decoder, data + taken, piece);
    hear(&decoder, &heard);
  }
  return heard;
}

static void run_session(const uint8_t *data, size_t size)
{
  static const uint8_t image[IMAGE_LENGTH];
  const SyUpload halves[2] = {
      {.product = WIRE_PRODUCT_DEMO, .version = 1, .length = IMAGE_LENGTH, .bytes = image},
      {.product = WIRE_PRODUCT_DEMO, .version = 1, .length = IMAGE_LENGTH, .bytes = image},
  };
  g_autofree SySession *session = g_new(SySession, 1);
  uint64_t now_us = 0;
  SyEvent event;

  sy_session_init(session, 1);
  sy_session_start_upgrade(session, halves, now_us);
  for (size_t taken = 0; taken < size && !sy_session_is_finished(session);) {
    taken += sy_session_feed(session, data + taken, MIN(size - taken, 37), now_us);
    now_us += 50 * 1000;
    sy_session_tick(session, now_us);
    while (sy_session_next_event(session, &event))
      g_assert_cmpint(event.block, <, WIRE_BLOCKS_MAX);
  }
  g_assert_true(session->progress.fraction >= 0 && session->progress.fraction <= 1);
}

static uint8_t flash_memory[WIRE_FLASH_SIZE];

static uint32_t erase(void *context, unsigned first_sector, unsigned last_sector)
{
  (void)context;
  g_assert_cmpuint(first_sector, >, 0);
  g_assert_cmpuint(last_sector, <=, WIRE_RECORD_SECTOR);
  g_assert_cmpuint(first_sector, <=, last_sector);
  memset(flash_memory + first_sector * WIRE_SECTOR_SIZE, 0xff,
         (last_sector - first_sector + 1) * WIRE_SECTOR_SIZE);
  return 0;
}

static uint32_t program(void *context, uint32_t addr, const uint8_t *block)
{
  (void)context;
  g_assert_cmpuint(addr, >=, WIRE_SECTOR_SIZE);
  g_assert_cmpuint(addr, <, WIRE_BOOT_SECTOR * WIRE_SECTOR_SIZE);
  g_assert_cmpuint(addr % WIRE_BLOCK_SIZE, ==, 0);
  memcpy(flash_memory + addr, block, WIRE_BLOCK_SIZE);
  return 0;
}

static uint32_t now_ms(void *context)
{
  (void)context;
  return 0;
}

/* Each request: type, token, length (2 bytes), payload. */
static void run_install(const uint8_t *data, size_t size)
{
  const FwFlash flash = {
      .memory = flash_memory, .erase = erase, .program = program, .now_ms = now_ms};
  const FwSelf self = {.mode = WIRE_MODE_LOADER};
  g_autofree FwInstall *install = g_new0(FwInstall, 1);
  uint8_t reply[WIRE_FRAME_MAX];

  memset(flash_memory, 0xff, sizeof flash_memory);
  fw_install_init(install, &flash, &self, 0);
  for (unsigned frames = 0; size >= 4 && frames < FRAMES_MAX; frames++) {
    size_t wish = wire_get_u16(data + 2) % (WIRE_PAYLOAD_MAX + 1u);
    uint16_t length = (uint16_t)MIN(wish, size - 4);
    WireFrame request = {.type = data[0] % 10, .token = data[1] % 2, .length = length};

    request.payload = data + 4;
    g_assert_cmpuint(fw_install_handle(install, &request, 0, reply), <=, sizeof reply);
    data += 4 + length;
    size -= 4 + (size_t)length;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  Heard whole = decode(data, size, size), bytes = decode(data, size, 1);

  g_assert_cmpuint(whole.frames, ==, bytes.frames);
  g_assert_cmpuint(whole.sum, ==, bytes.sum);
  run_session(data, size);
  run_install(data, size);
  return 0;
}
