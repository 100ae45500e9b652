/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Fuzz target for everything that reads from the line. The input is taken four ways: as a stream
 * into the decoder, whole and byte by byte, which must agree; as a stream into a session in the
 * middle of an upgrade; and as a list of requests in right frames, so that they get past the CRC,
 * into the loader's side and into a program on trial, whose flash must stay within the banks and
 * the record sector. When the program leaves, what should run then is started.
 *
 * A libFuzzer target; fuzz-main.c runs it without libFuzzer.
 */

#include "fw-errand.h"
#include "fw-handover.h"
#include "fw-install.h"
#include "fw-trial.h"
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

/* All of it goes, and every rate is as wanted. */
static void send_output(SySession *session, uint64_t now_us)
{
  size_t length;

  for (unsigned frames = 0; frames <= 2 * SY_STREAM_FRAMES; frames++) {
    sy_session_peek_output(session, &length);
    g_assert_cmpuint(length, <=, WIRE_FRAME_MAX);
    if (length == 0)
      break;
    sy_session_sent(session, length, now_us);
  }
  sy_session_rate_set(session, sy_session_get_rate(session), now_us);
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
  sy_session_allow_rates(session, 691200);
  sy_session_start_upgrade(session, halves, now_us);
  for (size_t taken = 0; taken < size && !sy_session_is_finished(session);) {
    taken += sy_session_feed(session, data + taken, MIN(size - taken, 37), now_us);
    now_us += 50 * 1000;
    sy_session_tick(session, now_us);
    send_output(session, now_us);
    while (sy_session_next_event(session, &event))
      g_assert_cmpint(event.block, <, WIRE_BLOCKS_MAX);
  }
  g_assert_true(session->progress.fraction >= 0 && session->progress.fraction <= 1);
}

_Alignas(4) static uint8_t flash_memory[WIRE_FLASH_SIZE];

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

static const FwFlash flash = {
    .memory = flash_memory, .erase = erase, .program = program, .now_ms = now_ms};

/* Each request: type, token, length (2 bytes), payload. False when there is none left. */
static bool take_request(const uint8_t **data, size_t *size, WireFrame *request)
{
  const uint8_t *from = *data;

  if (*size < 4)
    return false;

  size_t wish = wire_get_u16(from + 2) % (WIRE_PAYLOAD_MAX + 1u);
  uint16_t length = (uint16_t)MIN(wish, *size - 4);

  *request =
      (WireFrame){.type = from[0], .token = from[1] % 2, .length = length, .payload = from + 4};
  *data += 4 + length;
  *size -= 4 + (size_t)length;
  return true;
}

static void put_program(WireBank bank)
{
  uint8_t *image = flash_memory + wire_bank_map(bank)->addr;
  WireImageHeader header = {.product = WIRE_PRODUCT_DEMO,
                            .version = (uint32_t)bank,
                            .length = WIRE_IMAGE_LENGTH_MIN,
                            .bank_addr = wire_bank_map(bank)->addr};

  memset(image, 0, WIRE_IMAGE_LENGTH_MIN);
  wire_image_header_write(&header, image);
  header.crc = wire_image_crc(image, image, WIRE_IMAGE_LENGTH_MIN);
  wire_image_header_write(&header, image);
}

/* BEGIN names what the loader would take, but for what the input changes in it: else no input gets
 * past it. */
static void mend_begin(WireFrame *request, uint8_t *payload)
{
  WireBegin begin = {
      .bank = WIRE_BANK_HIGH, .blocks = 20, .product = WIRE_PRODUCT_DEMO, .length = 10000};

  if (request->type != WIRE_BEGIN || request->length >= WIRE_BEGIN_LENGTH)
    return;
  wire_begin_write(&begin, payload);
  for (unsigned i = 0; i < request->length; i++)
    payload[i % 2 == 0 ? 1 : 16] ^= request->payload[i]; /* mode and CRC */
  request->length = WIRE_BEGIN_LENGTH;
  request->payload = payload;
}

/* A loader with no program, then one that keeps the program in LOW. */
static void run_install(const uint8_t *data, size_t size, WireBank running)
{
  static const volatile WireLife life;
  const FwSelf self = {.mode = WIRE_MODE_LOADER};
  g_autofree FwInstall *install = g_new0(FwInstall, 1);
  uint8_t reply[WIRE_FRAME_MAX], payload[WIRE_BEGIN_LENGTH];
  WireFrame request;

  memset(flash_memory, 0xff, sizeof flash_memory);
  if (running != WIRE_BANK_NONE)
    put_program(running);
  fw_install_init(install, &flash, &self, running, 0);
  install->life = &life;
  for (unsigned frames = 0; frames < FRAMES_MAX && take_request(&data, &size, &request); frames++) {
    request.type %= WIRE_GO_BACK + 2;
    mend_begin(&request, payload);
    g_assert_cmpuint(fw_install_handle(install, &request, 0, reply), <=, sizeof reply);
    g_assert_cmpuint(fw_install_work(install, reply), <=, sizeof reply);
    g_assert_cmpuint(fw_install_work(install, reply), ==, 0);
    if (running != WIRE_BANK_NONE)
      g_assert_cmpint(fw_boot_judge(flash_memory, NULL, running), ==, WIRE_BANK_VALID);
    if (install->state == FW_INSTALL_COMMITTED)
      g_assert_cmpuint(fw_install_choose(install), ==, fw_boot_choose(flash_memory));
    if (request.type == 0)
      fw_install_note_rubbish(install);
    fw_install_get_leaving(install, frames);
  }
}

/* CONFIRM and GO_BACK are about one image: an empty one stands for the right CRC. */
static void name_image(WireFrame *request, WireBank bank, uint8_t *payload)
{
  WireConfirm about = {.crc = wire_image_get_crc(flash_memory + wire_bank_map(bank)->addr)};

  if (request->length > 0)
    return;
  request->length = (uint16_t)wire_confirm_write(&about, payload);
  request->payload = payload;
}

/* What the loader does with START: a whole program starts, with the record that its start may make.
 */
static void start_program(FwTrial *trial, WireIdentity *identity, uint32_t ms)
{
  const FwSelf self = {.mode = WIRE_MODE_PROGRAM};
  uint32_t word = fw_boot_choose(flash_memory);
  WireBank running = (WireBank)fw_entry_get_bank(word);

  g_assert_cmpint(fw_entry_get_kind(word), !=, FW_ENTRY_NO_PROGRAM);
  if (fw_entry_get_kind(word) == FW_ENTRY_START)
    running = fw_errand_count_start(&flash, running, WIRE_TRIAL_CAUSE_NONE, trial->scratch);
  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++)
    fw_identity_fill_bank(identity, flash_memory, bank, fw_boot_judge(flash_memory, NULL, bank));
  g_assert_cmpint(identity->banks[running - WIRE_BANK_LOW].state, ==, WIRE_BANK_VALID);
  fw_identity_set_running(identity, flash_memory, running);
  fw_identity_fill(identity, &self);
  fw_trial_init(trial, &flash, identity, WIRE_TRIAL_CAUSE_NONE, ms);
}

/* HIGH begins as the program on trial. A request of another type than the program knows stands for
 * time, for the end of its self-test, or for a start anew. */
static void run_trial(const uint8_t *data, size_t size)
{
  g_autofree FwTrial *trial = g_new0(FwTrial, 1);
  uint8_t reply[WIRE_FRAME_MAX], payload[WIRE_CONFIRM_LENGTH];
  uint32_t ms = 0;
  WireIdentity identity = {0};
  WireRecord record;
  WireFrame request;

  memset(flash_memory, 0xff, sizeof flash_memory);
  put_program(WIRE_BANK_LOW);
  put_program(WIRE_BANK_HIGH);
  record = fw_record_of_bank(flash_memory, WIRE_BANK_HIGH, WIRE_RECORD_TRIAL);
  fw_record_append(&flash, &record, trial->scratch);
  start_program(trial, &identity, ms);
  for (unsigned frames = 0; frames < FRAMES_MAX && take_request(&data, &size, &request); frames++) {
    name_image(&request, trial->bank, payload);
    if (request.type == WIRE_CONFIRM)
      g_assert_cmpuint(fw_trial_handle_confirm(trial, &request, reply), <=, sizeof reply);
    else if (request.type == WIRE_GO_BACK)
      g_assert_cmpuint(fw_trial_handle_go_back(trial, &request, reply), <=, sizeof reply);
    else if (request.type % 4 == 1)
      fw_trial_end_self_test(trial, request.token);
    else
      ms += request.type * 1000u;
    fw_trial_tell(trial, ms, &identity);
    g_assert_cmpuint(identity.trial_left_s, <=, WIRE_TRIAL_MS / 1000);
    if (fw_trial_is_over(trial, ms))
      start_program(trial, &identity, ms);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  Heard whole = decode(data, size, size), bytes = decode(data, size, 1);

  g_assert_cmpuint(whole.frames, ==, bytes.frames);
  g_assert_cmpuint(whole.sum, ==, bytes.sum);
  run_session(data, size);
  run_install(data, size, WIRE_BANK_NONE);
  run_install(data, size, WIRE_BANK_LOW);
  run_trial(data, size);
  return 0;
}
