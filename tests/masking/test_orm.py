"""SQLAlchemy, Core and ORM, works through masks: what it compiles, prepares, reflects and loads."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - SQLAlchemy reads the annotations
from decimal import Decimal  # noqa: TC003
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import (
    ForeignKey,
    Numeric,
    Select,
    case,
    cast,
    create_engine,
    delete,
    exists,
    func,
    insert,
    inspect,
    literal,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    aliased,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
)
from sqlalchemy.types import String

from tests.masking.stack import HERE_TARGET
from tests.masking.world import found_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from tests.masking.stack import MaskingStack


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    city: Mapped[str]
    joined: Mapped[date]
    ssn: Mapped[str]
    card: Mapped[str]
    salary: Mapped[int | None]
    orders: Mapped[list[Order]] = relationship(back_populates="customer", order_by="Order.id")


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    status: Mapped[str] = mapped_column(String)
    placed: Mapped[date]
    total: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    note: Mapped[str | None]
    customer: Mapped[Customer] = relationship(back_populates="orders")


class Note(Base):
    __tablename__ = "notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[str | None]
    number: Mapped[int | None]


ranked = select(
    Order.id,
    Order.customer_id,
    func.rank().over(partition_by=Order.customer_id, order_by=Order.total.desc()).label("r"),
)
best = ranked.subquery("ranked")
spent = (
    select(Order.customer_id, func.sum(Order.total).label("spent")).group_by(Order.customer_id).cte("spent")
)
other = aliased(Customer)
largest = select(func.max(Order.total)).where(Order.customer_id == Customer.id).scalar_subquery()

STATEMENTS: dict[str, Select[Any]] = {
    "columns": select(Customer.id, Customer.name, Customer.city).order_by(Customer.id),
    "filter": select(Order.id).where(Order.total > 50, Order.note.is_(None)).order_by(Order.id),
    "or": select(Order.id).where(or_(Order.total < 20, Order.total > 180)).order_by(Order.id),
    "in": select(Order.id, Order.total).where(Order.id.in_([1, 5, 9])).order_by(Order.id),
    "like": select(Customer.name).where(Customer.name.ilike("%d%")).order_by(Customer.name),
    "page": select(Order.id, Order.placed).order_by(Order.placed.desc(), Order.id).limit(5).offset(5),
    "join": select(Customer.name, Order.total).join(Order.customer).order_by(Order.id),
    "outer join": select(Customer.id, func.count(Order.id))
    .outerjoin(Customer.orders)
    .group_by(Customer.id)
    .order_by(Customer.id),
    "group and having": select(Customer.city, func.sum(Order.total))
    .join(Order.customer)
    .group_by(Customer.city)
    .having(func.count() > 1)
    .order_by(Customer.city),
    "count": select(func.count()).select_from(Customer),
    "count over a subquery": select(func.count()).select_from(
        select(Customer.id).where(Customer.id > 2).subquery()
    ),
    "exists": select(Customer.name)
    .where(exists().where(Order.customer_id == Customer.id, Order.total > 100))
    .order_by(Customer.name),
    "any": select(Customer.name).where(Customer.orders.any(Order.total > 100)).order_by(Customer.name),
    "scalar subquery": select(Customer.name, largest).order_by(Customer.id),
    "cte": select(Customer.name, spent.c.spent)
    .join(spent, spent.c.customer_id == Customer.id)
    .order_by(Customer.id),
    "window": ranked.order_by(Order.id),
    "top of each": select(best.c.id, best.c.customer_id).where(best.c.r == 1).order_by(best.c.id),
    "case": select(Order.id, case((Order.total > 100, "big"), else_="small")).order_by(Order.id),
    "cast and concat": select(cast(Order.id, String) + literal("-") + Customer.name)
    .join(Order.customer)
    .order_by(Order.id),
    "self join": select(Customer.name, other.name)
    .join(other, other.city == Customer.city)
    .order_by(Customer.id, other.id),
    "union": union_all(select(Customer.name.label("w")), select(Customer.city)).order_by("w"),  # type: ignore[dict-item]
    "date functions": select(func.date_trunc("month", Customer.joined), Customer.joined + 1).order_by(
        Customer.id
    ),
    "string functions": select(func.upper(Customer.name), func.length(Customer.city)).order_by(Customer.id),
    "array_agg": select(Customer.city, func.array_agg(Customer.name))
    .group_by(Customer.city)
    .order_by(Customer.city),
    "distinct": select(Customer.city).distinct().order_by(Customer.city),
    "for update": select(Order.id).where(Order.id < 3).order_by(Order.id).with_for_update(),
}


@pytest.fixture(scope="module")
def engine(stack: MaskingStack) -> Iterator[Engine]:
    made = create_engine("postgresql+psycopg://", creator=lambda: stack.driver(HERE_TARGET))
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def direct(stack: MaskingStack) -> Iterator[Engine]:
    made = create_engine("postgresql+psycopg://", creator=stack.direct)
    yield made
    made.dispose()


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS.keys())
def test_unmasked_columns_come_out_as_they_are(
    engine: Engine, direct: Engine, statement: Select[Any]
) -> None:
    with engine.connect() as agent, direct.connect() as owner:
        assert agent.execute(statement).all() == owner.execute(statement).all()


@pytest.mark.parametrize("loading", [joinedload, selectinload], ids=["joined", "selectin"])
def test_objects_are_loaded_with_masked_attributes(engine: Engine, loading: Any) -> None:
    with Session(engine) as session:
        found = (
            session.scalars(select(Customer).options(loading(Customer.orders)).order_by(Customer.id))
            .unique()
            .all()
        )
        assert [customer.name for customer in found][:3] == ["Ada", "Bo", "Cy"]
        assert sum(len(customer.orders) for customer in found) == 20
        for customer in found:
            assert customer.ssn == "[redacted]"
            assert customer.card == f"***********{customer.id:04}"
            assert customer.salary is None


def test_an_object_is_found_changed_and_refreshed(engine: Engine) -> None:
    with Session(engine) as session:
        customer = session.get_one(Customer, 2)
        customer.city = "Paris"
        session.flush()
        session.refresh(customer)
        assert (customer.city, customer.ssn) == ("Paris", "[redacted]")
        assert customer.orders[0].customer is customer
        session.rollback()


def test_rows_are_written_and_returned(engine: Engine) -> None:
    with Session(engine) as session:
        session.add_all([Note(id=50 + n, body=f"n{n}", number=n) for n in range(3)])
        session.flush()
        told = session.execute(
            insert(Note).values(id=60, body="x").returning(Note.id, func.upper(Note.body))
        ).one()
        assert told == (60, "X")
        session.execute(update(Note).where(Note.id == 50).values(number=Note.number + 5))
        assert session.scalar(select(Note.number).where(Note.id == 50)) == 5
        session.execute(delete(Note).where(Note.id >= 50))
        session.rollback()


def test_masked_columns_in_expressions_are_refused_or_masked(engine: Engine) -> None:
    with engine.connect() as agent:
        told = agent.execute(
            select(Customer.ssn, Customer.ssn.label("x"), Customer.ssn + literal("")).order_by(Customer.id)
        ).all()
        assert not found_in(repr(told).encode())
        assert all(row[0] == row[1] == "[redacted]" for row in told)


@pytest.mark.filterwarnings("ignore:Did not recognize type:sqlalchemy.exc.SAWarning")
def test_the_schema_is_reflected(engine: Engine, direct: Engine) -> None:
    seen, real = inspect(engine), inspect(direct)
    assert seen.get_table_names() == real.get_table_names()
    assert seen.get_view_names() == real.get_view_names()
    assert seen.get_schema_names() == real.get_schema_names()
    assert [column["name"] for column in seen.get_columns("customers")] == [
        column["name"] for column in real.get_columns("customers")
    ]
    assert seen.get_pk_constraint("orders") == real.get_pk_constraint("orders")
    assert seen.get_foreign_keys("items") == real.get_foreign_keys("items")
    assert seen.get_indexes("customers") == real.get_indexes("customers")
    assert seen.get_enums() == real.get_enums()
