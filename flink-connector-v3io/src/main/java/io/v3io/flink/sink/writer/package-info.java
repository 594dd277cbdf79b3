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
 * What follows a record from the element to the stream. Four floors, of which each uses only those
 * below it; read from the top:
 *
 * <ol>
 *   <li><b>Gather</b>: {@link io.v3io.flink.sink.writer.V3ioSinkWriter} has records made of
 *       elements, and {@code RequestBuffer} gathers them.
 *   <li><b>Send and judge</b>: {@code RequestDelivery} sends each request and sees to it that all
 *       of its records are stored or the job fails; {@code AnswerJudge}, with {@code
 *       RequestOutcome} and {@code RefusedRecords}, decides what follows from an answer that is no
 *       plain success.
 *   <li><b>What is next</b>: {@code RequestSchedule} and its lock. Each {@code Destination} has its
 *       {@code StreamSetup} and its {@code RecordQueue}; {@code CongestionControl}, {@code Backlog}
 *       and {@code HandOverLimit} say how much; {@code PutRequest} and {@code PendingRecord} are
 *       what is sent.
 *   <li><b>What a record is, and what all use</b>: {@code V3ioElementConverter}, {@code
 *       InvalidRecords} and {@code RecordLimits}; settings, metrics, errors, waits.
 * </ol>
 */
package io.v3io.flink.sink.writer;
