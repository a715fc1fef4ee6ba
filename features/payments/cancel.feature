@payments @pci-6.2.4 @cwe-841 @cwe-362 @asvs-V2.3.1 @wstg-BUSL-06
Feature: An order that was called off takes no money

  Cancelling races with paying: the shopper has two windows open, the bank is slow, the event is late. Whatever wins, shop
  and provider must tell the same story afterwards.

  @high @defect-M09
  Scenario: Cancelling an unpaid order cancels its payment too
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay
    When the shopper cancels the order
    Then the order is cancelled
    And the payment at the provider is cancelled

  @critical @defect-M09
  Scenario: A cancelled order cannot be paid any more
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay
    When the shopper cancels the order
    And the shopper pays with a Visa card
    Then the order stays cancelled
    And the provider has 0.00 EUR captured
    And nothing is fulfilled

  @critical @defect-M09
  Scenario: Paying and cancelling at the same moment ends the same way at both sides
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay
    When the shopper pays and cancels at the same moment
    Then the order and the provider agree
    And the books balance and agree with the provider

  @high @defect-M09 @defect-W27
  Scenario: A paid order is refunded, not cancelled
    Given a shopper who paid 49.99 EUR
    When the shopper cancels the order
    Then the answer is a refusal, not an error of the server
    And the order stays paid
    And the order is fulfilled once

  @critical @defect-M09 @defect-W29
  Scenario: The shopper cancels before the shop has heard of the payment
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the shopper cancels the order
    And the held events arrive
    Then the order and the provider agree
    And the order is fulfilled once
