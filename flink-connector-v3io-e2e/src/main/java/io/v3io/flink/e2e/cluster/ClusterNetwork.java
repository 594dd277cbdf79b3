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

import java.util.HashMap;
import java.util.Map;

/**
 * The network between the processes of a highly available cluster, which can be cut: a proxy before
 * the JobManager, before each TaskManager and before ZooKeeper. What a cut network is sent is
 * swallowed, so that the processes have to find out by themselves. TaskManagers still reach each
 * other. Thread-safe.
 */
public final class ClusterNetwork implements AutoCloseable {

    private final FaultProxy jobManager;
    private final FaultProxy zooKeeper;
    private final Map<Integer, FaultProxy> taskManagers = new HashMap<>();
    private boolean isJobManagerCut;

    /** Between processes that listen, or will, on these ports. */
    ClusterNetwork(int jobManager, int zooKeeper) {
        this.jobManager = new FaultProxy(jobManager);
        this.zooKeeper = new FaultProxy(zooKeeper);
    }

    /** Where the others find the JobManager. */
    int jobManagerPort() {
        return jobManager.port();
    }

    /** Where JobManager and TaskManagers find ZooKeeper. */
    int zooKeeperPort() {
        return zooKeeper.port();
    }

    /**
     * Takes a new TaskManager into the network, in place of the one before it.
     *
     * @param port where it listens, or will
     * @return where the others find it
     */
    synchronized int join(int index, int port) {
        FaultProxy proxy = new FaultProxy(port);
        if (isJobManagerCut) {
            proxy.swallow();
        }
        FaultProxy before = taskManagers.put(index, proxy);
        if (before != null) {
            before.close();
        }
        return proxy.port();
    }

    /** Between the JobManager and all TaskManagers, whoever makes the connection. */
    public synchronized void cutJobManager() {
        isJobManagerCut = true;
        jobManager.swallow();
        taskManagers.values().forEach(FaultProxy::swallow);
    }

    /** Between ZooKeeper and all others. */
    public void cutZooKeeper() {
        zooKeeper.swallow();
    }

    /** All reach each other again. */
    public synchronized void heal() {
        isJobManagerCut = false;
        jobManager.heal();
        taskManagers.values().forEach(FaultProxy::heal);
        zooKeeper.heal();
    }

    @Override
    public synchronized void close() {
        jobManager.close();
        taskManagers.values().forEach(FaultProxy::close);
        zooKeeper.close();
    }
}
