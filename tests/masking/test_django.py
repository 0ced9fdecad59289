"""Django works through masks: its queries, server-side cursors, prefetches, transactions, introspection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django
import pytest
from django.conf import settings
from django.db import connections, models, transaction
from django.db.models import (
    Avg,
    Case,
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models.functions import (
    Cast,
    Coalesce,
    Concat,
    Length,
    Lower,
    Rank,
    RowNumber,
    TruncMonth,
    Upper,
)
from django.db.utils import ProgrammingError

from narrows.demo.stack import DATABASE_USER
from tests.masking.stack import HERE_TARGET
from tests.masking.world import found_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.masking.stack import MaskingStack

AGENT, OWNER = "default", "owner"
ENGINE = "django.db.backends.postgresql"

settings.configure(
    DATABASES={AGENT: {}, OWNER: {}}, INSTALLED_APPS=["tests.masking.shop"], USE_TZ=True, TIME_ZONE="UTC"
)
django.setup()

from tests.masking.shop.models import Customer, Note, Order  # noqa: E402, they want the settings


def people(using: str) -> Any:
    return Customer.objects.using(using).order_by("id")


def orders(using: str) -> Any:
    return Order.objects.using(using).order_by("id")


TEXT = models.TextField()
largest = Order.objects.filter(customer=OuterRef("pk")).order_by("-total", "id").values("total")[:1]
has_large = Exists(Order.objects.filter(customer=OuterRef("pk"), total__gt=100))
size = Case(When(total__gt=100, then=Value("big")), default=Value("small"))

ranked = Window(Rank(), partition_by="customer", order_by=F("total").desc())
numbered = Window(RowNumber(), partition_by="customer", order_by="id")
lengths = {"a": Upper("name"), "b": Length("city"), "c": Lower("city")}
numbers = {"s": Sum("total"), "a": Avg("total"), "m": Max("placed"), "n": Count("pk", distinct=True)}
label = Concat(Cast("id", TEXT), Value("-", TEXT), Coalesce("note", Value("", TEXT)), output_field=TEXT)
week = ("2026-01-02", "2026-01-09")

PEOPLE: dict[str, Callable[[Any], Any]] = {
    "values": lambda people: people.values("id", "name", "city"),
    "icontains": lambda people: people.filter(name__icontains="d").values_list("name"),
    "outer join": lambda people: people.annotate(n=Count("orders")).values_list("id", "n"),
    "objects with a count": lambda people: [(one.id, one.n) for one in people.annotate(n=Count("orders"))],
    "count": lambda people: [people.count(), people.filter(city="Rome").exists()],
    "exists": lambda people: people.filter(has_large).values_list("name"),
    "subquery": lambda people: people.annotate(top=Subquery(largest)).values_list("name", "top"),
    "functions": lambda people: people.annotate(**lengths).values_list("a", "b", "c"),
    "trunc": lambda people: people.annotate(m=TruncMonth("joined")).values_list("m", "name"),
    "distinct": lambda people: people.order_by("city").values_list("city").distinct(),
    "union": lambda people: (
        people.order_by().values_list("name").union(people.order_by().values_list("city"))
    ),
    "only": lambda people: [(one.id, one.name) for one in people.only("id", "name")],
    "in bulk": lambda people: sorted((key, one.name) for key, one in people.in_bulk([1, 2]).items()),
    "a cursor": lambda people: list(people.annotate(u=Upper("name")).values_list("u").iterator(chunk_size=2)),
}

ORDERS: dict[str, Callable[[Any], Any]] = {
    "filter and exclude": lambda orders: orders.filter(total__gt=50).exclude(note=None).values_list("id"),
    "q": lambda orders: orders.filter(Q(total__lt=20) | ~Q(status="open")).values_list("id"),
    "in": lambda orders: orders.filter(pk__in=[1, 5, 9]).values_list("id", "total"),
    "range": lambda orders: orders.filter(placed__month=1, placed__range=week).values("id"),
    "page": lambda orders: orders.order_by("-placed", "id").values_list("id", "placed")[5:10],
    "join": lambda orders: orders.filter(customer__city="Oslo").values_list("customer__name", "total"),
    "group": lambda orders: (
        orders.order_by("status").values("status").annotate(s=Sum("total")).filter(s__gt=1)
    ),
    "aggregates": lambda orders: [orders.aggregate(**numbers)],
    "case": lambda orders: orders.annotate(size=size).values_list("id", "size"),
    "window": lambda orders: orders.annotate(r=ranked).values_list("id", "r"),
    "top of each": lambda orders: orders.annotate(r=numbered).filter(r=1).values_list("id"),
    "concat and cast": lambda orders: orders.annotate(x=label).values_list("x"),
    "arithmetic": lambda orders: orders.annotate(x=F("total") * 2 + 1).values_list("x"),
    "distinct on": lambda orders: (
        orders.order_by("customer_id", "id").distinct("customer_id").values_list("id")
    ),
    "dates": lambda orders: orders.dates("placed", "month"),
    "first and last": lambda orders: [orders.first().id, orders.last().id, orders.latest("placed").id],
    "a cursor": lambda orders: list(orders.values_list("id", "total").iterator(chunk_size=3)),
}


@pytest.fixture(scope="module", autouse=True)
def databases(stack: MaskingStack) -> Iterator[None]:
    told = stack.connection(stack.agent_token(), database=HERE_TARGET)
    direct = {"host": "127.0.0.1", "port": stack.postgres.port, "user": DATABASE_USER, "dbname": "orders"}
    direct["password"] = stack.database_password
    for alias, by in ((AGENT, told), (OWNER, direct)):
        known = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
        database = connections.settings[alias]
        database.update(
            ENGINE=ENGINE, **{known[key]: str(value) for key, value in by.items() if key in known}
        )
        database["OPTIONS"] = {key: value for key, value in by.items() if key not in known}
    yield
    connections.close_all()


@pytest.mark.parametrize("query", PEOPLE.values(), ids=PEOPLE.keys())
def test_unmasked_columns_of_a_masked_table_come_out_as_they_are(query: Callable[[Any], Any]) -> None:
    told = list(query(people(AGENT)))
    assert told == list(query(people(OWNER)))
    assert told


@pytest.mark.parametrize("query", ORDERS.values(), ids=ORDERS.keys())
def test_a_clear_table_comes_out_as_it_is(query: Callable[[Any], Any]) -> None:
    told = list(query(orders(AGENT)))
    assert told == list(query(orders(OWNER)))
    assert told


def seen(customer: Customer) -> tuple[object, ...]:
    return customer.ssn, customer.card, customer.salary, customer.email[:4]


def masked(number: int) -> tuple[object, ...]:
    return "[redacted]", f"***********{number:04}", None, "msk_"


def test_objects_come_with_masked_attributes() -> None:
    for customer in people(AGENT):
        assert seen(customer) == masked(customer.id)
        assert not found_in(repr(customer.profile).encode())


@pytest.mark.parametrize("chunk", [2, 100])
def test_a_server_side_cursor_is_masked_and_does_not_mask_the_next(chunk: int) -> None:
    with transaction.atomic(AGENT):
        for customer in (
            people(AGENT)
            .annotate(x=Concat("ssn", Value("", TEXT), output_field=TEXT))
            .iterator(chunk_size=chunk)
        ):
            assert seen(customer) == masked(customer.id)
            assert not found_in(str(customer.x).encode())
        named = people(AGENT).annotate(x=Upper("name")).values_list("x", flat=True)
        assert list(named.iterator(chunk_size=chunk))[:3] == ["ADA", "BO", "CY"]


def test_relations_are_loaded() -> None:
    for order in orders(AGENT).select_related("customer"):
        assert seen(order.customer) == masked(order.customer_id)
    loaded = people(AGENT).prefetch_related(Prefetch("orders", orders(AGENT).filter(total__gt=0)))
    assert sum(len(customer.orders.all()) for customer in loaded) == 20


def test_an_object_is_changed_and_refreshed() -> None:
    with transaction.atomic(AGENT):
        customer = people(AGENT).get(pk=2)
        customer.city = "Paris"
        customer.save(update_fields=["city"])
        customer.refresh_from_db()
        assert (customer.city, customer.ssn) == ("Paris", "[redacted]")
        transaction.set_rollback(True, using=AGENT)


def test_a_whole_object_that_was_read_masked_is_not_written_back() -> None:
    customer = people(AGENT).get(pk=2)
    with pytest.raises(ProgrammingError, match="mask `pay` shows"), transaction.atomic(AGENT):
        customer.save()


def test_rows_are_written() -> None:
    with transaction.atomic(AGENT):
        Note.objects.bulk_create([Note(id=70 + n, body=f"n{n}", number=n) for n in range(3)])
        Note.objects.filter(pk=70).update(number=F("number") + 5)
        made, is_new = Note.objects.get_or_create(pk=80, defaults={"body": "x"})
        again, is_newer = Note.objects.update_or_create(pk=80, defaults={"body": "y"})
        assert (made.body, is_new, again.body, is_newer) == ("x", True, "y", False)
        assert Note.objects.get(pk=70).number == 5
        with transaction.atomic(AGENT):
            Note.objects.bulk_create([Note(id=70, body="again")], ignore_conflicts=True)
        assert Note.objects.select_for_update().filter(pk__gte=70).delete()[0] == 4
        transaction.set_rollback(True, using=AGENT)


def test_masked_columns_may_be_compared_and_not_sorted_by() -> None:
    assert not people(AGENT).filter(ssn="nobody's").exists()
    with pytest.raises(ProgrammingError, match="ORDER BY"):
        list(people(AGENT).order_by("ssn"))
    with pytest.raises(ProgrammingError, match="compared by LIKE"):
        list(people(AGENT).filter(ssn__startswith="1"))


def test_the_schema_is_inspected() -> None:
    told = []
    for alias in (AGENT, OWNER):
        with connections[alias].cursor() as cursor:
            introspection = connections[alias].introspection
            tables = introspection.get_table_list(cursor)
            columns = introspection.get_table_description(cursor, "customers")
            relations = introspection.get_relations(cursor, "orders")
            constraints = introspection.get_constraints(cursor, "customers")
            told.append((sorted(tables), columns, relations, constraints))
    assert told[0] == told[1]
