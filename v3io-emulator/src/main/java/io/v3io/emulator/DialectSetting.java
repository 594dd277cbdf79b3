/*
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

package io.v3io.emulator;

import java.util.List;
import java.util.Locale;

/**
 * One behaviour of the platform that public evidence allows in more than one way (API page, section
 * 10).
 *
 * <p>Every setting is an enum; its first constant is the likeliest behaviour and the default. Its
 * {@linkplain #nameOf name} and its {@linkplain #value values} are what {@code --dialect} and
 * {@code PUT /_emulator/dialect} understand.
 */
public sealed interface DialectSetting {

    /** Seek SEQUENCE to the number after the newest record, as v3io-go does with all it resumes. */
    enum SeekNext implements DialectSetting {
        /** Leads to the end of the shard. */
        END,
        /** 400. */
        ERROR
    }

    /** Seek SEQUENCE to a number older than the oldest record. */
    enum SeekRemoved implements DialectSetting {
        /** 400, as published. */
        ERROR,
        /** Leads to the end of the shard. */
        END,
        /** Leads to the oldest record. */
        OLDEST
    }

    /** Seek SEQUENCE to a number further on than the one after the newest record. */
    enum SeekBeyond implements DialectSetting {
        /** 400, as published. */
        ERROR,
        /** Leads to the end of the shard. */
        END,
        /** Leads to the oldest record. */
        OLDEST
    }

    /** How a listing spells a shard's newest sequence number. */
    enum ListingNewest implements DialectSetting {
        /** {@code LastSequenceId}, as v3io-go reads it. */
        LAST_SEQUENCE_ID("LastSequenceId"),
        /** {@code LastSequenceID}, as v3io-py reads it. */
        LAST_SEQUENCE_CAPITAL_ID("LastSequenceID"),
        /** Not at all. */
        ABSENT("absent");

        private final String value;

        ListingNewest(String value) {
            this.value = value;
        }

        @Override
        public String value() {
            return value;
        }
    }

    /** Seek on a shard that has had no record yet. */
    enum SeekUnborn implements DialectSetting {
        /** 404 {@code ResourceNotFoundException}. */
        NOT_FOUND,
        /** 400 {@code ResourceNotFoundException}. */
        BAD_REQUEST,
        /** Succeeds: the end of an empty shard, from which its first records are read. */
        END
    }

    /** An operation on a stream that does not exist. */
    enum MissingStream implements DialectSetting {
        /** 404 {@code ResourceNotFoundException}. */
        NOT_FOUND,
        /** 400 {@code ResourceNotFoundException}, seen on platform 2.10. */
        BAD_REQUEST
    }

    /** CreateStream where a stream exists. */
    enum CreateExisting implements DialectSetting {
        /** 409 {@code ResourceInUseException}. */
        CONFLICT,
        /** 400 {@code ResourceInUseException}. */
        BAD_REQUEST
    }

    /** The symbolic name of a dead location. */
    enum IllegalLocation implements DialectSetting {
        /** As v3io-go has seen it. */
        ILLEGAL_LOCATION_EXCEPTION("IllegalLocationException"),
        /** As the documentation has it. */
        ILLEGAL_LOCATION("IllegalLocation");

        private final String value;

        IllegalLocation(String value) {
            this.value = value;
        }

        @Override
        public String value() {
            return value;
        }
    }

    /** What fails when a record of a PutRecords is over a limit or malformed. */
    enum UnfitRecord implements DialectSetting {
        /** The whole request, with 400. */
        REQUEST,
        /** Only the record, with an error in its place of the answer. */
        RECORD
    }

    /** The most bytes of data that a record may have. */
    enum LargestRecord implements DialectSetting {
        /** 1 MiB: by the PutRecords page, read in powers of two. */
        ONE_MIB(1 << 20),
        /** A million: the same page, read in powers of ten. */
        ONE_MB(1_000_000),
        /** 2 MiB: by the software specifications and the release notes of 1.9.4. */
        TWO_MIB(2 << 20);

        private final int bytes;

        LargestRecord(int bytes) {
            this.bytes = bytes;
        }

        /** Bytes of a record's data at the most, before base64. */
        public int bytes() {
            return bytes;
        }

        /** The limit in bytes. */
        @Override
        public String value() {
            return Integer.toString(bytes);
        }
    }

    /** The sequence numbers of a shard, fixed when it gets its first record. */
    enum SequenceNumbers implements DialectSetting {
        /** 1, 2, 3 and so on. */
        GAPLESS,
        /** They begin beyond 32 bits, grow by 1 to 9, and may leave out any number between. */
        GAPS
    }

    /** How retention removes records that are older than the retention period. */
    enum Retention implements DialectSetting {
        /** One by one, when new records come to the shard. */
        RECORDS,
        /** The same, but only whole chunks of records. */
        CHUNKS,
        /** Not at all until the memory of the records is used up. */
        LAZY
    }

    /** Locations of a stream that was deleted, when another is created under its name. */
    enum OldLocations implements DialectSetting {
        /** They are dead. */
        DIE,
        /** They are valid and point into the history of the new stream, or beyond its end. */
        LIVE
    }

    /** Where round robin begins in a new stream. */
    enum RoundRobin implements DialectSetting {
        /** At shard 0. */
        FIRST,
        /** At any shard. */
        ANYWHERE
    }

    /** The partition key of a record that also names its shard. */
    enum KeyWithShardId implements DialectSetting {
        /** Is kept and comes back with the record. */
        STORED,
        /** Is forgotten. */
        DROPPED
    }

    /** {@code NextLocation} of a GetRecords that returned no record. */
    enum EmptyNextLocation implements DialectSetting {
        /** Equals the location that was sent. */
        SAME,
        /** Is another text each time. */
        DIFFERS
    }

    /** A listing asked for with a key that may read and write streams. */
    enum Listing implements DialectSetting {
        /** Is answered. */
        GRANTED,
        /** 403. */
        REFUSED
    }

    /** Whether the platform stores records twice by itself, each copy with a number of its own. */
    enum Duplicates implements DialectSetting {
        /** It never does. */
        NONE,
        /** Now and then it stores all that a PutRecords brought to one shard once more. */
        SOME
    }

    /** A request that changes something and is not answered, such as one hit by a reset. */
    enum LateRequests implements DialectSetting {
        /** What was not done by then never is. */
        NEVER,
        /** It is done up to two seconds later. */
        LAND
    }

    /** How the value is written: lower case, with dashes. */
    default String value() {
        return ((Enum<?>) this).name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** How a setting is written, such as {@code seek-next}. */
    static String nameOf(Class<? extends DialectSetting> setting) {
        return setting.getSimpleName()
                .replaceAll("(?<=[a-z])(?=[A-Z])", "-")
                .toLowerCase(Locale.ROOT);
    }

    /** All settings, in the order of API page section 10. */
    static List<Class<? extends DialectSetting>> all() {
        return List.of(
                SeekNext.class,
                SeekRemoved.class,
                SeekBeyond.class,
                ListingNewest.class,
                SeekUnborn.class,
                MissingStream.class,
                CreateExisting.class,
                IllegalLocation.class,
                UnfitRecord.class,
                LargestRecord.class,
                SequenceNumbers.class,
                Retention.class,
                OldLocations.class,
                RoundRobin.class,
                KeyWithShardId.class,
                EmptyNextLocation.class,
                Listing.class,
                Duplicates.class,
                LateRequests.class);
    }
}
