package dev.holdfast.db;

import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.impl.SqlConnectionInternal;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts what runs on the handles that a pool lends, and notices what runs on one that has been given back. */
final class LentHandles {

    final AtomicInteger lent = new AtomicInteger();
    final AtomicInteger statements = new AtomicInteger();
    final AtomicInteger afterReturn = new AtomicInteger();
    final Set<String> operations = ConcurrentHashMap.newKeySet();

    /** The same pool, watched. */
    Pool of(Pool pool) {
        return proxy(
                (self, method, args) -> {
                    Object result = call(pool, method, args);
                    return method.getName().equals("getConnection") && args == null
                            ? ((Future<?>) result).map(handle -> handle((SqlConnection) handle))
                            : result;
                },
                Pool.class);
    }

    private SqlConnection handle(SqlConnection handle) {
        lent.incrementAndGet();
        AtomicBoolean returned = new AtomicBoolean();
        return proxy(
                (self, method, args) -> {
                    switch (method.getName()) {
                        case "close" -> returned.set(true);
                        case "query", "preparedQuery", "prepare" -> {
                            (returned.get() ? afterReturn : statements).incrementAndGet();
                            operations.add((String) args[0]);
                        }
                        default -> {}
                    }
                    return call(handle, method, args);
                },
                SqlConnectionInternal.class,
                PgConnection.class);
    }

    private static Object call(Object on, Method method, Object[] args) throws Throwable {
        try {
            return method.invoke(on, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    @SuppressWarnings("unchecked")
    private static <T> T proxy(InvocationHandler handler, Class<?>... types) {
        return (T) Proxy.newProxyInstance(LentHandles.class.getClassLoader(), types, handler);
    }
}
