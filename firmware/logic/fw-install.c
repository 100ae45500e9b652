/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The loader's side of an upgrade. */

#include "fw-install.h"

#include "fw-handover.h"
#include "fw-reply.h"
#include "wire-bytes.h"
#include "wire-unpack.h"

/* The bank that is written. */
static WireBank target(const FwInstall *install)
{
  return (WireBank)install->begin.bank;
}

static uint32_t block_addr(const FwInstall *install, uint32_t block)
{
  return wire_bank_get_addr(target(install)) + block * WIRE_BLOCK_SIZE;
}

static void set_sound(FwInstall *install, uint32_t addr)
{
  uint32_t block = addr / WIRE_BLOCK_SIZE;

  install->sound[block / 8] |= (uint8_t)(1 << block % 8);
}

/* The same for whole sectors or banks, which begin and end where a byte of the map does. */
static uint8_t *sound_from(FwInstall *install, uint32_t addr)
{
  return install->sound + addr / WIRE_BLOCK_SIZE / 8;
}

static bool is_verified(const FwInstall *install, uint32_t block)
{
  uint32_t at = block_addr(install, block) / WIRE_BLOCK_SIZE;

  return install->sound[at / 8] >> at % 8 & 1;
}

/* Goes on from where it came last: start_sector_again begins anew. */
static uint16_t first_missing(FwInstall *install)
{
  while (install->missing < install->begin.blocks && is_verified(install, install->missing))
    install->missing++;
  return install->missing;
}

/* `bank` may be anything: whoever enters says it. */
static bool is_whole(const WireIdentity *identity, WireBank bank)
{
  unsigned at = (unsigned)bank - WIRE_BANK_LOW;

  return at < 2 && identity->banks[at].state == WIRE_BANK_VALID;
}

void fw_install_init(FwInstall *install, const FwFlash *flash, const FwSelf *self,
                     WireBank came_from, uint32_t now_ms)
{
  WireIdentity *identity = &install->identity;
  uint32_t choice = 0;
  WireBank running;

  install->flash = flash;
  install->state = FW_INSTALL_IDLE;
  install->leaving = 0;
  install->rubbish = false;
  install->work.type = 0;
  install->last_ms = now_ms;
  fw_identity_fill(identity, self);
  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++)
    fw_identity_fill_bank(identity, flash->memory, bank, fw_boot_judge(flash->memory, NULL, bank));
  running = is_whole(identity, came_from) ? came_from : WIRE_BANK_NONE;
  fw_identity_set_running(identity, flash->memory, running);
  /* The choice costs the CRC of a bank once more, and an upgrade waits for it. */
  if (running == WIRE_BANK_NONE || identity->trial == WIRE_TRIAL_RUNNING) {
    choice = fw_boot_choose(flash->memory);
    /* The program that sent us here runs again when we leave, so it is the one to keep; what the
     * log would start may be another, if a worn log could not take the record of a trial's end. */
    if (running == WIRE_BANK_NONE && fw_entry_get_kind(choice) != FW_ENTRY_NO_PROGRAM)
      running = (WireBank)fw_entry_get_bank(choice);
    fw_identity_set_running(identity, flash->memory, running);
  }

  bool listens = choice == fw_entry_make(FW_ENTRY_LISTEN, running);

  install->on_trial = identity->trial == WIRE_TRIAL_RUNNING && !listens;
  install->proven = running == came_from || !listens;
}

WireBank fw_install_get_running(const FwInstall *install)
{
  return (WireBank)install->identity.running_bank;
}

uint32_t fw_install_choose(const FwInstall *install)
{
  if (install->state == FW_INSTALL_COMMITTED && install->can_return)
    return fw_entry_make(FW_ENTRY_START, install->begin.bank);
  return fw_boot_choose(install->flash->memory);
}

static bool append_record(FwInstall *install, WireRecord *record)
{
  bool stands = fw_record_append(install->flash, record, install->scratch);

  install->record_sequence = record->sequence;
  return stands;
}

/* A record of the program that is being installed. */
static bool record_target(FwInstall *install, WireRecordState state)
{
  const WireBegin *begin = &install->begin;
  WireRecord record = {
      .bank = target(install), .state = state, .version = begin->version, .crc = begin->crc};

  return append_record(install, &record);
}

/* `incoming` marks the image that the idle bank, which has been erased, takes; 0: none. */
static bool record_running(FwInstall *install, uint16_t incoming)
{
  WireRecord record =
      fw_record_of_bank(install->flash->memory, fw_install_get_running(install),
                        install->proven ? WIRE_RECORD_CONFIRMED : WIRE_RECORD_FIRST);

  record.incoming = incoming;
  return append_record(install, &record);
}

static bool is_log_sound(const FwInstall *install, unsigned room)
{
  WireBank running = fw_install_get_running(install);

  return running != WIRE_BANK_NONE &&
         fw_record_is_log_sound(install->flash->memory, running,
                                install->identity.banks[running - WIRE_BANK_LOW].crc, room);
}

/* Erases the idle bank, or what of it is not kept, and before that makes the log say in a fresh
 * record that the running program has settled: from here on nothing older must matter, not even a
 * record that was torn and still reads right, and no mark. Behind it another record marks the image
 * that the erased sectors take, which the next BEGIN may go on with.
 *
 * A log that is not sound is emptied, but only behind the idle bank: then the running program is
 * the only one there is and no record is needed to find it. With no program that could be started
 * there is nothing to keep, and both banks are emptied first: an empty log must not make the jump
 * program start what used up its trial. */
static WireCause erase_target(FwInstall *install, uint32_t *status)
{
  const FwFlash *flash = install->flash;
  bool keeps = fw_install_get_running(install) != WIRE_BANK_NONE;
  bool again = install->first_erased > wire_bank_get_first_sector(target(install));
  bool sound = is_log_sound(install, again ? FW_RECORD_ROOM_AGAIN : FW_RECORD_ROOM);
  unsigned last = wire_bank_get_last_sector(keeps ? target(install) : WIRE_BANK_HIGH);

  /* A log that has a mark was sound when that came, and has not been emptied since. */
  if (keeps && (sound || install->mark != 0))
    sound = record_running(install, 0) && sound;
  *status = flash->erase(flash->context, install->first_erased, last);
  if (*status == 0 && !sound)
    *status = flash->erase(flash->context, WIRE_RECORD_SECTOR, WIRE_RECORD_SECTOR);
  if (*status != 0)
    return WIRE_CAUSE_ERASE_FAILED;
  if (keeps && ((!sound && !record_running(install, 0)) ||
                !record_running(install, wire_record_mark(install->begin.crc))))
    return WIRE_CAUSE_RECORD_FAILED;
  return WIRE_CAUSE_NONE;
}

static WireCause judge_begin(const FwInstall *install, const WireBegin *begin, uint32_t *detail)
{
  WireBank running = fw_install_get_running(install);
  WireBank bank = (WireBank)begin->bank;
  uint32_t size = wire_bank_get_size(bank);

  if (begin->product != install->identity.product) {
    *detail = install->identity.product;
    return WIRE_CAUSE_WRONG_PRODUCT;
  }
  if (install->on_trial || install->state == FW_INSTALL_COMMITTED)
    return WIRE_CAUSE_ON_TRIAL; /* the other program is what it goes back to */
  if ((bank != WIRE_BANK_LOW && bank != WIRE_BANK_HIGH) ||
      (running != WIRE_BANK_NONE && bank != wire_bank_other(running))) {
    *detail = (uint32_t)wire_bank_other(running);
    return WIRE_CAUSE_WRONG_BANK;
  }
  if (begin->length < WIRE_IMAGE_LENGTH_MIN || begin->length > size ||
      begin->blocks != wire_block_count(begin->length)) {
    *detail = size;
    return WIRE_CAUSE_WRONG_SIZE;
  }
  if (begin->encoding > WIRE_BEGIN_KEEP) {
    *detail = begin->encoding;
    return WIRE_CAUSE_BAD_ENCODING;
  }
  return WIRE_CAUSE_NONE;
}

/* Whether the image is the one that is under way. */
static bool is_same_image(const WireBegin *a, const WireBegin *b)
{
  return a->bank == b->bank && a->blocks == b->blocks && a->product == b->product &&
         a->version == b->version && a->length == b->length && a->crc == b->crc;
}

/* Whatever the idle bank held, it holds no program from here on. */
static void forget_target(FwInstall *install)
{
  const uint8_t *memory = install->flash->memory;
  WireBank running = fw_install_get_running(install);

  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++)
    if (bank != running)
      fw_identity_fill_bank(&install->identity, memory, bank, WIRE_BANK_EMPTY);
  fw_identity_set_running(&install->identity, memory, running);
}

/* What the newest record says that the idle bank has been erased for: 0, nothing. */
static uint32_t get_mark(const FwInstall *install)
{
  const uint8_t *newest = fw_boot_find_record(install->flash->memory);

  return newest ? wire_record_get_incoming(newest) : 0;
}

/* What an interrupted transfer of the same image left in flash and is sound without doubt: the log
 * marks that image, so the bank was erased for it and the seal was not begun; and power can have
 * failed only in a block of the window, which ends with the last one that does not read blank. That
 * window and all behind it is erased once more, by whole sectors. Returns the first block of those.
 */
static uint32_t count_kept(const FwInstall *install)
{
  uint32_t used;

  if (install->begin.encoding != WIRE_BEGIN_KEEP ||
      install->mark != wire_record_mark(install->begin.crc) ||
      !is_log_sound(install, FW_RECORD_ROOM_AGAIN))
    return 0;
  used = fw_flash_count_used(install->flash->memory, block_addr(install, 0),
                             wire_bank_get_size(target(install)));
  return used <= FW_WINDOW ? 0
                           : (used - FW_WINDOW) / WIRE_BLOCKS_PER_SECTOR * WIRE_BLOCKS_PER_SECTOR;
}

/* A new transfer: what is sound so far, and what will be erased. */
static void start_receiving(FwInstall *install)
{
  WireBank running = fw_install_get_running(install);
  uint32_t kept;

  /* A seal that failed has left a record of what is no program: behind this one the log is sound.
   */
  if (install->state == FW_INSTALL_RECEIVING && running != WIRE_BANK_NONE)
    record_running(install, 0);
  install->mark = get_mark(install);
  kept = count_kept(install);

  install->missing = 0;
  wire_fill(install->sound, 0, sizeof install->sound);
  wire_fill(install->repeats, 0, sizeof install->repeats);
  if (running != WIRE_BANK_NONE)
    wire_fill(sound_from(install, wire_bank_get_addr(running)), 0xff,
              wire_bank_get_size(running) / WIRE_BLOCK_SIZE / 8);
  wire_fill(sound_from(install, block_addr(install, 0)), 0xff, kept / 8);
  *sound_from(install, block_addr(install, 0)) &= 0xfe; /* block 0 waits in RAM, which is lost */
  install->first_erased = block_addr(install, kept) / WIRE_SECTOR_SIZE;
  if (running == WIRE_BANK_NONE)
    install->first_erased = WIRE_LOW_ADDR / WIRE_SECTOR_SIZE;
  install->state = FW_INSTALL_RECEIVING;
}

static size_t reply_begun(FwInstall *install, const WireFrame *request, uint8_t *reply)
{
  WireBegun begun = {
      .bank = install->begin.bank,
      .blocks = install->begin.blocks,
      .missing = first_missing(install),
  };

  wire_copy(begun.verified, sound_from(install, block_addr(install, 0)), sizeof begun.verified);
  return fw_reply_finish(request, wire_begun_write(&begun, fw_reply_payload(reply)), reply);
}

static size_t handle_begin(FwInstall *install, const WireFrame *request, uint8_t *reply)
{
  WireBegin begin;
  uint32_t detail = 0;

  if (!wire_begin_read(request, &begin))
    return fw_reply_nak(request, WIRE_CAUSE_BAD_LENGTH, request->length, reply);

  bool same = install->state != FW_INSTALL_IDLE && is_same_image(&begin, &install->begin);

  if (same && request->token == install->token && begin.encoding == install->begin.encoding)
    return reply_begun(install, request, reply);

  WireCause cause = judge_begin(install, &begin, &detail);

  if (cause != WIRE_CAUSE_NONE)
    return fw_reply_nak(request, cause, detail, reply);
  install->begin = begin;
  install->token = request->token;
  if (!same || begin.encoding != WIRE_BEGIN_KEEP) {
    start_receiving(install);
    install->work = *request;
  }
  return reply_begun(install, request, reply);
}

size_t fw_install_work(FwInstall *install, uint8_t *reply)
{
  uint32_t status = 0;
  WireCause cause;

  if (!fw_install_has_work(install))
    return 0;
  cause = erase_target(install, &status);
  forget_target(install);
  install->last_ms = install->flash->now_ms(install->flash->context);

  size_t length = cause == WIRE_CAUSE_NONE ? 0 : fw_reply_nak(&install->work, cause, status, reply);

  if (length > 0)
    install->state = FW_INSTALL_IDLE;
  install->work.type = 0;
  return length;
}

/* A block of this sector failed: erase it, so that its blocks may be programmed once more. False
 * when that has been tried often enough or does not work. */
static bool start_sector_again(FwInstall *install, uint32_t addr)
{
  const FwFlash *flash = install->flash;
  unsigned sector = addr / WIRE_SECTOR_SIZE;

  if (++install->repeats[sector] >= FW_PROGRAM_ATTEMPTS)
    return false;
  install->missing = 0;
  wire_fill(sound_from(install, sector * WIRE_SECTOR_SIZE), 0, WIRE_BLOCKS_PER_SECTOR / 8);
  return flash->erase(flash->context, sector, sector) == 0;
}

static size_t give_up(FwInstall *install, const WireFrame *request, uint32_t block, uint8_t *reply)
{
  install->state = FW_INSTALL_IDLE;
  install->leaving = WIRE_LEAVING_FLASH;
  return fw_reply_nak(request, WIRE_CAUSE_PROGRAM_FAILED, block | install->flash_status << 16,
                      reply);
}

static size_t reply_data_status(FwInstall *install, const WireFrame *request, uint16_t block,
                                uint8_t *reply)
{
  WireDataStatus status = {
      .block = block,
      .verified = is_verified(install, block),
      .repeats = install->repeats[block_addr(install, block) / WIRE_SECTOR_SIZE],
      .missing = first_missing(install),
  };

  for (unsigned i = 0; i < 32; i++) {
    uint32_t later = status.missing + 1u + i;

    if (later < install->begin.blocks && is_verified(install, later))
      status.following |= 1u << i;
  }
  return fw_reply_finish(request, wire_data_status_write(&status, fw_reply_payload(reply)), reply);
}

/* Brings one block to flash, block 0 to RAM, unless it is there. False when flash has failed for
 * good.
 */
static bool put_block(FwInstall *install, uint32_t block, const uint8_t *bytes)
{
  uint32_t addr = block_addr(install, block);

  if (is_verified(install, block))
    return true;
  if (block == 0)
    wire_copy(install->seal, bytes, WIRE_BLOCK_SIZE);
  else if (!fw_flash_program(install->flash, addr, bytes, &install->flash_status))
    return start_sector_again(install, addr);
  set_sound(install, addr);
  return true;
}

/* The blocks as they shall lie in flash, in scratch. */
static bool unpack(FwInstall *install, const WireData *data)
{
  size_t length = (size_t)data->count * WIRE_BLOCK_SIZE;

  if (data->packed) {
    const WireUnpack source = {.flash = install->flash->memory, .readable = install->sound};

    return wire_unpack(&source, data->bytes, data->length, block_addr(install, data->block),
                       install->scratch, length);
  }
  wire_copy(install->scratch, data->bytes, length);
  return true;
}

static size_t handle_data(FwInstall *install, const WireFrame *request, uint8_t *reply)
{
  WireData data;

  if (!wire_data_read(request, &data))
    return fw_reply_nak(request, WIRE_CAUSE_BAD_LENGTH, request->length, reply);
  if (install->state != FW_INSTALL_RECEIVING || request->token != install->token)
    return fw_reply_nak(request, WIRE_CAUSE_NOT_NOW, 0, reply);

  uint32_t last = data.block + data.count - 1u;

  /* The window's end is what bounds the blocks that a power cut makes doubtful. */
  if (last >= install->begin.blocks || last >= (uint32_t)first_missing(install) + FW_WINDOW)
    return fw_reply_nak(request, WIRE_CAUSE_OUT_OF_RANGE, install->begin.blocks, reply);
  if (!unpack(install, &data))
    return fw_reply_nak(request, WIRE_CAUSE_UNPACKABLE, data.block, reply);
  for (uint32_t block = data.block; block <= last; block++)
    if (!put_block(install, block, install->scratch + (block - data.block) * WIRE_BLOCK_SIZE))
      return give_up(install, request, block, reply);
  return reply_data_status(install, request, data.block, reply);
}

/* Whether the header that came in block 0 is the one BEGIN announced, and the image behind it
 * whole. */
static WireCause judge_image(const FwInstall *install)
{
  const WireBegin *begin = &install->begin;
  const uint8_t *seal = install->seal;
  WireBankState state = fw_boot_judge(install->flash->memory, seal, target(install));

  if (state == WIRE_BANK_EMPTY || wire_image_get_product(seal) != begin->product ||
      wire_image_get_version(seal) != begin->version ||
      wire_image_get_length(seal) != begin->length || wire_image_get_crc(seal) != begin->crc ||
      wire_vector_sum(seal) != wire_get_word(seal + WIRE_VECTOR_SUM_ADDR))
    return WIRE_CAUSE_BAD_IMAGE;
  return state == WIRE_BANK_VALID ? WIRE_CAUSE_NONE : WIRE_CAUSE_IMAGE_CRC;
}

/* From here the new program is the one that runs, on trial. */
static void adopt_target(FwInstall *install)
{
  const uint8_t *memory = install->flash->memory;

  fw_identity_fill_bank(&install->identity, memory, target(install), WIRE_BANK_VALID);
  fw_identity_set_running(&install->identity, memory, target(install));
  install->state = FW_INSTALL_COMMITTED;
}

static size_t reply_committed(const FwInstall *install, const WireFrame *request, uint8_t *reply)
{
  WireCommitted committed = {
      .bank = install->begin.bank,
      .sequence = install->record_sequence,
      .crc = install->begin.crc,
      .life = *install->life,
  };

  return fw_reply_finish(request, wire_committed_write(&committed, fw_reply_payload(reply)), reply);
}

static size_t handle_commit(FwInstall *install, const WireFrame *request, uint8_t *reply)
{
  const WireBegin *begin = &install->begin;
  uint32_t addr = block_addr(install, 0);
  WireCommit commit;

  if (!wire_commit_read(request, &commit))
    return fw_reply_nak(request, WIRE_CAUSE_BAD_LENGTH, request->length, reply);
  if (install->state == FW_INSTALL_IDLE || request->token != install->token ||
      commit.length != begin->length || commit.crc != begin->crc)
    return fw_reply_nak(request, WIRE_CAUSE_NOT_NOW, 0, reply);
  if (install->state == FW_INSTALL_COMMITTED)
    return reply_committed(install, request, reply);
  if (first_missing(install) < begin->blocks)
    return fw_reply_nak(request, WIRE_CAUSE_INCOMPLETE, first_missing(install), reply);

  WireCause cause = judge_image(install);

  if (cause != WIRE_CAUSE_NONE)
    return fw_reply_nak(request, cause, 0, reply);
  bool can_return = install->proven && fw_install_get_running(install) != WIRE_BANK_NONE;

  install->can_return = can_return;

  /* The record comes first: from then on nothing of this transfer is kept, should power fail inside
   * the seal, and without the seal the image is none, so that the jump program goes back. With no
   * proven program to go back to there is another reason: a seal without a record would start a
   * program as if it were settled, and nobody could get in if it hangs. */
  if (!record_target(install, can_return ? WIRE_RECORD_TRIAL : WIRE_RECORD_FIRST))
    return fw_reply_nak(request, WIRE_CAUSE_RECORD_FAILED, 0, reply);
  if (!fw_flash_program(install->flash, addr, install->seal, &install->flash_status)) {
    if (!start_sector_again(install, addr))
      return give_up(install, request, 0, reply);
    return fw_reply_nak(request, WIRE_CAUSE_INCOMPLETE, first_missing(install), reply);
  }
  adopt_target(install);
  return reply_committed(install, request, reply);
}

static size_t handle_identify(FwInstall *install, const WireFrame *request, uint32_t now_ms,
                              uint8_t *reply)
{
  install->identity.uptime_ms = now_ms;
  return fw_reply_finish(request, wire_identity_write(&install->identity, fw_reply_payload(reply)),
                         reply);
}

static size_t handle_leave(FwInstall *install, const WireFrame *request, WireLeavingCause cause,
                           uint8_t *reply)
{
  install->leaving = (uint8_t)cause;
  return fw_reply_finish(request, 0, reply);
}

/* Any of the 128 KB: which of them mean anything is for the workstation to know. */
static size_t handle_read(const FwInstall *install, const WireFrame *request, uint8_t *reply)
{
  WireRead read;

  if (!wire_read_read(request, &read))
    return fw_reply_nak(request, WIRE_CAUSE_BAD_LENGTH, request->length, reply);

  WireReadBack back = {.bytes = install->flash->memory +
                                (uint32_t)read.page % WIRE_PAGE_COUNT * WIRE_PAGE_SIZE};

  return fw_reply_finish(request, wire_read_back_write(&back, fw_reply_payload(reply)), reply);
}

size_t fw_install_handle(FwInstall *install, const WireFrame *request, uint32_t now_ms,
                         uint8_t *reply)
{
  size_t length = 0;

  if (request->type & WIRE_REPLY)
    return 0; /* an echo of our own, on a line that loops back */
  install->rubbish = false;
  if (install->leaving != 0)
    return fw_reply_nak(request, WIRE_CAUSE_NOT_NOW, 0, reply);
  switch (request->type) {
  case WIRE_IDENTIFY:
    /* Asking who is there is no upgrade traffic: it does not hold the program up. */
    return handle_identify(install, request, now_ms, reply);
  case WIRE_ENTER_LOADER:
    length = fw_reply_finish(request, 0, reply); /* it has been obeyed */
    break;
  case WIRE_BEGIN:
    length = handle_begin(install, request, reply);
    break;
  case WIRE_DATA:
    length = handle_data(install, request, reply);
    break;
  case WIRE_COMMIT:
    length = handle_commit(install, request, reply);
    break;
  case WIRE_RUN:
    return handle_leave(install, request, WIRE_LEAVING_RUN, reply);
  case WIRE_ABORT:
    return handle_leave(install, request, WIRE_LEAVING_ABORT, reply);
  case WIRE_ECHO:
    wire_copy(fw_reply_payload(reply), request->payload, request->length);
    return fw_reply_finish(request, request->length, reply);
  case WIRE_READ:
    length = handle_read(install, request, reply);
    break;
  case WIRE_CONFIRM:
  case WIRE_GO_BACK:
    /* The program's; a workstation that sends them here has missed that the loader runs. */
    length = fw_reply_nak(request, WIRE_CAUSE_NOT_NOW, 0, reply);
    break;
  default:
    length = fw_reply_nak(request, WIRE_CAUSE_UNKNOWN_TYPE, request->type, reply);
    break;
  }
  /* Refused frames are rubbish to the 10 s rule: only what helps the upgrade on counts. */
  if (reply[WIRE_FRAME_TYPE_OFFSET] == WIRE_NAK)
    install->rubbish = true;
  else
    install->last_ms = install->flash->now_ms(install->flash->context);
  return length;
}

void fw_install_note_rubbish(FwInstall *install)
{
  install->rubbish = true;
}

WireLeavingCause fw_install_get_leaving(FwInstall *install, uint32_t now_ms)
{
  if (install->leaving == 0 && now_ms - install->last_ms >= FW_SILENCE_MS)
    install->leaving = install->rubbish ? WIRE_LEAVING_RUBBISH : WIRE_LEAVING_SILENCE;
  if (fw_install_get_running(install) == WIRE_BANK_NONE)
    install->leaving = 0; /* nowhere to go */
  return (WireLeavingCause)install->leaving;
}
