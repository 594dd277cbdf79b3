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

package io.v3io.flink.kafka.stream;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.StreamPath;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Who works for consumer groups on V3IO. A member of v3io-go, and so one of Nuclio, takes down a
 * heartbeat in the state object of its group every 3 s by default, and leaves its last one there
 * when it ends. So a member lives if its heartbeat changes; what time it says does not matter,
 * because clocks differ. A Flink job is no member and cannot be seen here.
 */
public final class GroupMembers {

    /** Three heartbeats, and what v3io-go itself takes for a sign of death. */
    private static final Duration WATCH = Duration.ofSeconds(10);

    private static final Duration PAUSE = Duration.ofMillis(500);

    /** No clock is that wrong. */
    private static final Duration SURELY_DEAD = Duration.ofHours(1);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final V3ioClient client;
    private final InstantSource clock;

    /** Watches by this client, which stays the caller's. */
    public GroupMembers(V3ioClient client) {
        this(client, InstantSource.system());
    }

    GroupMembers(V3ioClient client, InstantSource clock) {
        this.client = client;
        this.clock = clock;
    }

    /** Names a consumer group, which belongs to one stream. */
    public record Group(StreamPath stream, String name) {}

    /**
     * The members that live, of those groups that have some. Takes 10 s where members are listed
     * that do not, unless their heartbeats are older than an hour.
     */
    public Map<Group, Set<String>> alive(List<Group> groups) throws InterruptedException {
        Map<Group, Map<String, String>> first = new HashMap<>();
        for (Group group : groups) {
            Map<String, String> heartbeats = heartbeats(group);
            if (heartbeats.values().stream().anyMatch(this::mayLive)) {
                first.put(group, heartbeats);
            }
        }
        Map<Group, Set<String>> alive = new HashMap<>();
        long end = System.nanoTime() + WATCH.toNanos();
        while (alive.size() < first.size() && System.nanoTime() < end) {
            Answers.pause(PAUSE);
            for (Map.Entry<Group, Map<String, String>> seen : first.entrySet()) {
                Set<String> changed = new TreeSet<>();
                heartbeats(seen.getKey())
                        .forEach(
                                (member, heartbeat) -> {
                                    if (!heartbeat.equals(seen.getValue().get(member))) {
                                        changed.add(member);
                                    }
                                });
                if (!changed.isEmpty()) {
                    alive.computeIfAbsent(seen.getKey(), group -> new TreeSet<>()).addAll(changed);
                }
            }
        }
        return alive;
    }

    private boolean mayLive(String heartbeat) {
        try {
            Instant last = OffsetDateTime.parse(heartbeat).toInstant();
            return last.isAfter(clock.instant().minus(SURELY_DEAD));
        } catch (DateTimeParseException e) {
            // Only a change tells then.
            return true;
        }
    }

    /** The last heartbeat of each member, in its own words. */
    private Map<String, String> heartbeats(Group group) throws InterruptedException {
        String state = Answers.get(client.getGroupState(group.stream(), group.name())).orElse("{}");
        Map<String, String> heartbeats = new TreeMap<>();
        try {
            for (JsonNode session : JSON.readTree(state).path("session_states")) {
                heartbeats.put(
                        session.path("member_id").asText(),
                        session.path("last_heartbeat_time").asText());
            }
        } catch (JsonProcessingException e) {
            // Of another version: whoever changes it lives.
            heartbeats.put("of unknown name", state);
        }
        return heartbeats;
    }
}
