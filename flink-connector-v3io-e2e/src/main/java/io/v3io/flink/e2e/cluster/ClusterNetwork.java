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

package io.v3io.flink.e2e.cluster;

import java.util.ArrayList;
import java.util.List;

/**
 * The network between the processes of a highly available cluster, which can be cut: a proxy before
 * the JobManager, before each TaskManager and before ZooKeeper. What a cut network is sent is
 * swallowed, so that the processes have to find out by themselves. TaskManagers still reach each
 * other. Thread-safe.
 */
public final class ClusterNetwork implements AutoCloseable {

    private final FaultProxy jobManager;
    private final FaultProxy zooKeeper;
    private final List<FaultProxy> taskManagers = new ArrayList<>();

    /** Between processes that listen, or will, on these ports. */
    ClusterNetwork(int jobManager, int zooKeeper, List<Integer> taskManagers) {
        this.jobManager = new FaultProxy(jobManager);
        this.zooKeeper = new FaultProxy(zooKeeper);
        taskManagers.forEach(port -> this.taskManagers.add(new FaultProxy(port)));
    }

    /** Where the others find the JobManager. */
    int jobManagerPort() {
        return jobManager.port();
    }

    /** Where JobManager and TaskManagers find ZooKeeper. */
    int zooKeeperPort() {
        return zooKeeper.port();
    }

    /** Where the others find a TaskManager. */
    int taskManagerPort(int index) {
        return taskManagers.get(index).port();
    }

    /** Between the JobManager and all TaskManagers, whoever makes the connection. */
    public void cutJobManager() {
        jobManager.swallow();
        taskManagers.forEach(FaultProxy::swallow);
    }

    /** Between ZooKeeper and all others. */
    public void cutZooKeeper() {
        zooKeeper.swallow();
    }

    /** All reach each other again. */
    public void heal() {
        jobManager.heal();
        taskManagers.forEach(FaultProxy::heal);
        zooKeeper.heal();
    }

    @Override
    public void close() {
        jobManager.close();
        taskManagers.forEach(FaultProxy::close);
        zooKeeper.close();
    }
}
