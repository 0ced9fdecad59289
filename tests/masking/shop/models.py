"""The tables that the tests ask for, as Django sees them."""

from django.db import models


class Customer(models.Model):
    name = models.TextField()
    city = models.TextField()
    joined = models.DateField()
    ssn = models.TextField()
    card = models.CharField(max_length=24)
    email = models.TextField()
    salary = models.IntegerField(null=True)
    profile = models.JSONField(null=True)

    class Meta:
        db_table = "customers"


class Order(models.Model):
    customer = models.ForeignKey(Customer, models.DO_NOTHING, related_name="orders")
    status = models.TextField()
    placed = models.DateField()
    total = models.DecimalField(max_digits=10, decimal_places=2)
    note = models.TextField(null=True)

    class Meta:
        db_table = "orders"


class Note(models.Model):
    id = models.IntegerField(primary_key=True)
    body = models.TextField(null=True)
    number = models.IntegerField(null=True)

    class Meta:
        db_table = "notes"
