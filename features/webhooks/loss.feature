@webhooks @pci-6.2.4 @cwe-755 @asvs-V2.3.3 @asvs-V16.5.3
Feature: News that is lost or late is not lost money

  Networks fail, endpoints are down during a deployment, a provider has a bad day. What happened at the provider has
  happened, whether or not the shop was told.

  @high @defect-L03
  Scenario: All the news of a payment is lost, and reconciliation finds the payment
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And every held event is lost
    And the operator reconciles with the provider
    Then the order is paid
    And the order is fulfilled once
    And the books balance and agree with the provider

  @high @defect-L03 @defect-M07
  Scenario: All the news of a refund is lost, and reconciliation finds the refund
    Given a shopper who paid 49.99 EUR
    And the provider's events are held back
    When 49.99 EUR are refunded at the provider's own desk
    And every held event is lost
    And the operator reconciles with the provider
    Then the order is refunded
    And the books balance and agree with the provider

  @high @defect-L03 @defect-D01 @simulator-only
  Scenario: All the news of a dispute is lost, and reconciliation finds the dispute
    Given a shopper who paid 49.99 EUR
    And the provider's events are held back
    When the bank disputes the payment as fraudulent
    And every held event is lost
    And the operator reconciles with the provider
    Then the order is disputed
    And the books balance and agree with the provider

  @high @defect-L03 @defect-W17
  Scenario: The lost news turns up after reconciliation has found the payment
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the operator reconciles with the provider
    And the order is seen as paid
    And the held events arrive
    Then the order stays paid
    And the order is fulfilled once
    And the books balance and agree with the provider

  @high @defect-W24
  Scenario: Without any news, the shopper's return settles the order
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the shopper comes back to the shop
    Then the order is paid
    And the order is fulfilled once

  @high @defect-W24 @defect-W17
  Scenario: The news comes after the shopper's return has settled the order
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the shopper comes back to the shop
    And the order is seen as paid
    And the held events arrive
    Then the order stays paid
    And the order is fulfilled once
    And the books balance and agree with the provider

  @high @defect-W24
  Scenario: The shopper returns at the moment at which the news arrives
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the shopper comes back to the shop while the held events arrive
    Then the order is paid
    And the order is fulfilled once
    And the books balance and agree with the provider

  @medium @defect-L02 @defect-L03
  Scenario: Reconciliation with nothing to find reports nothing
    Given a shopper who paid 49.99 EUR
    When the operator reconciles with the provider
    Then the drift report does not name the order
    And the order stays paid

  @medium @defect-L01 @defect-L03
  Scenario: What reconciliation finds, it reports
    Given a shopper who paid 49.99 EUR
    And the provider's events are held back
    When 20.00 EUR are refunded at the provider's own desk
    And every held event is lost
    And the operator reconciles with the provider
    Then the drift report names the order
