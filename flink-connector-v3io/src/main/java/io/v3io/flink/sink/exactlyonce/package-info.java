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

/**
 * The sink with {@code EXACTLY_ONCE}. A writer collects the records of an epoch and hands them to a
 * committer; this sends them when their checkpoint is complete, and reads the stream where it
 * cannot know otherwise which of them are stored.
 */
package io.v3io.flink.sink.exactlyonce;
